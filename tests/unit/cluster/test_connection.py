"""Tests how the gateway stays connected to a cluster, without Ray."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from transom._cluster import connection
from transom._cluster.connection import Connection
from transom._cluster.driver import AwayError

LATE = 0.05
ADDRESS = "ray://127.0.0.1:10001"


class Driver:
    """Connects when it has failed often enough."""

    def __init__(self, address: str, failures: int) -> None:
        self.address = address
        self.failures = failures
        self.started = 0
        self.stopped = 0
        self.alive = True
        self.over = False
        self.answer = threading.Event()
        self.answer.set()

    def start(self) -> None:
        self.started += 1
        self.answer.wait(60)
        if self.over:
            sys.exit()
        if self.started <= self.failures:
            raise AwayError(f"nobody is there, {self.started}")

    def answers(self) -> bool:
        return self.alive

    def stop(self) -> None:
        self.stopped += 1


class Gateway:
    """Takes what a connection says."""

    def __init__(self) -> None:
        self.loop: Any = None
        self.away: str | None = None
        self.leaving = False
        self.asked = threading.Event()
        self.readied = 0
        self.lost = list[str]()
        self.lose_now = threading.Event()

    def ready(self) -> None:
        self.readied += 1

    async def take(self) -> None:
        while not self.lose_now.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        self.lose_now.clear()
        raise ConnectionError("the relay died")

    def lose(self, why: str) -> None:
        self.lost.append(why)


class Rig:
    """A connection that runs on a thread. `silent`: why nothing answers at the address."""

    def __init__(self, address: str, failures: int) -> None:
        self.driver, self.gateway = Driver(address, failures), Gateway()
        self.silent: str | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        of: Any = Connection
        with suppress(SystemExit):
            of(self.driver, self.gateway, LATE).run()

    def end(self) -> None:
        """Ends its threads: later tests change what all threads of the process use."""
        self.driver.over = True
        self.driver.answer.set()
        self.gateway.lose_now.set()
        until(lambda: not self.thread.is_alive() or self.gateway.asked.set())
        loop: asyncio.AbstractEventLoop = self.gateway.loop
        loop.call_soon_threadsafe(loop.stop)
        until(lambda: not loop.is_running())
        loop.close()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Rig]]:
    made = list[Rig]()

    def make(address: str = ADDRESS, failures: int = 0, *, answers: bool = True) -> Rig:
        rig = Rig(address, failures)
        if not answers:
            rig.driver.answer.clear()
        monkeypatch.setattr(connection, "FIRST", 0.01)
        monkeypatch.setattr(connection, "LOOK", 0.01)
        monkeypatch.setattr(connection, "why_away", lambda _: rig.silent)
        rig.thread.start()
        made.append(rig)
        return rig

    yield make
    for it in made:
        it.end()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_calls_may_come_before_the_cluster_is_there(rig: Callable[..., Rig]) -> None:
    it = rig(failures=3)
    until(lambda: it.driver.started == 4 and it.gateway.away is None)
    # Ready after the first attempt, and only once.
    assert it.gateway.readied == 1


def test_a_cluster_that_does_not_answer_is_said_to_be_away(rig: Callable[..., Rig]) -> None:
    it = rig(answers=False)
    until(lambda: it.gateway.away)
    assert "it takes connections and does not answer, as one that asks for TLS" in str(
        it.gateway.away
    )
    assert it.gateway.readied == 1
    it.driver.answer.set()
    until(lambda: it.gateway.away is None)
    assert it.gateway.readied == 1


def test_a_call_that_comes_has_it_try_sooner(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LAST", 600.0)
    # The waits would take ten minutes.
    it = rig(failures=17)
    until(lambda: it.gateway.asked.set() or it.driver.started == 18)


def test_a_cluster_that_is_silent_for_a_while_refuses_calls(rig: Callable[..., Rig]) -> None:
    it = rig()
    until(lambda: it.gateway.readied)
    it.silent = "Connection refused"
    until(lambda: it.gateway.away)
    assert f"the Ray cluster at {ADDRESS} cannot be used: Connection refused" in str(
        it.gateway.away
    )
    it.silent = None
    until(lambda: it.gateway.away is None)
    assert not it.gateway.lost


def test_another_cluster_at_the_address_is_not_taken_for_the_same(rig: Callable[..., Rig]) -> None:
    it = rig()
    until(lambda: it.gateway.readied)
    it.driver.alive = False
    it.silent = "Connection refused"
    until(lambda: it.gateway.away)
    it.silent = None
    # A process with Ray's client ends, and a new one takes its place.
    it.thread.join(60)
    assert not it.thread.is_alive()
    until(lambda: it.gateway.lost == ["it knows nothing of this app any more"])


def test_a_ray_that_was_found_is_looked_for_by_a_new_process(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    it = rig("auto")
    until(lambda: it.gateway.readied)
    it.gateway.lose_now.set()
    it.thread.join(60)
    assert not it.thread.is_alive()
    assert it.driver.stopped == 0


def test_a_node_of_the_cluster_connects_again(rig: Callable[..., Rig]) -> None:
    it = rig("127.0.0.1:6379")
    until(lambda: it.gateway.readied)
    it.gateway.lose_now.set()
    until(lambda: it.driver.started == 2)
    assert it.driver.stopped == 1
    until(lambda: it.gateway.lost == ["ConnectionError: the relay died"])
