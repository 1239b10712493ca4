"""Tests what running calls and the gateway to Ray say to each other, without Ray."""

from __future__ import annotations

import queue
import threading
from typing import Any

import anyio
import pytest

from transom._cluster.driver import RayDriver, remove
from transom._cluster.outlet import ROOM, RelayInbox, RelayOutlet
from transom._cluster.relay import OVER, Relay
from transom._worker.link.frames import CANCEL, ERROR, JSON, JSON_ITEM, PROGRESS, Frame

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Ray's actors run on asyncio."""
    return "asyncio"


def item(text: str) -> tuple[bytes, dict[str, Any], bytes]:
    return (JSON_ITEM, {"id": 7}, text.encode())


class Puts:
    """What has gone to the relay. Each batch waits until it is let through."""

    def __init__(self) -> None:
        self.batches = list[tuple[int, list[Any]]]()
        self.gate = threading.Semaphore(0)
        self.came: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __call__(self, call: int, frames: list[Any]) -> None:
        self.came.put(None)
        self.gate.acquire()
        self.batches.append((call, frames))


async def test_what_waits_goes_with_the_answer() -> None:
    puts = Puts()
    outlet = RelayOutlet(1 << 20, puts)
    outlet.begin(7)
    outlet.send(*item("1"))
    puts.came.get(timeout=20)  # it is on its way
    outlet.send(*item("2"))
    outlet.send(JSON, {"id": 7}, b"null")
    assert outlet.end() == (1, [item("2"), (JSON, {"id": 7}, b"null")])
    puts.gate.release()
    with anyio.fail_after(20):
        while puts.batches != [(7, [item("1")])]:  # noqa: ASYNC110
            await anyio.sleep(0.01)


async def test_only_the_latest_progress_waits() -> None:
    puts = Puts()
    outlet = RelayOutlet(1 << 20, puts)
    outlet.begin(7)
    outlet.send(*item("1"))
    puts.came.get(timeout=20)
    for done in range(1000):
        outlet.send(PROGRESS, {"id": 7, "done": done})
    outlet.send(ERROR, {"id": 7})
    last = (PROGRESS, {"id": 7, "done": 999}, b"")
    assert outlet.end() == (1, [last, (ERROR, {"id": 7}, b"")])
    puts.gate.release()


async def test_who_sends_more_than_there_is_room_for_waits() -> None:
    puts = Puts()
    outlet = RelayOutlet(4 * ROOM, puts)
    outlet.begin(7)
    outlet.send(*item("1"))
    puts.came.get(timeout=20)
    outlet.send(*item("x" * (2 * ROOM)))  # one alone may be larger
    done = threading.Event()
    sender = threading.Thread(target=lambda: (outlet.send(*item("3")), done.set()))
    sender.start()
    assert not done.wait(0.2)
    puts.gate.release()
    assert done.wait(20)
    puts.gate.release(2)
    sender.join()


async def test_a_body_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="the limit is 10"):
        RelayOutlet(10, lambda _call, _frames: None).check(11)


async def test_a_call_that_runs_on_hears_what_it_is_told() -> None:
    told: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
    asked = list[tuple[int, bool]]()

    def hear(call: int, *, first: bool) -> None:
        asked.append((call, first))

    def wait(_asked: Any, _seconds: float) -> list[Any] | None:
        try:
            return told.get(timeout=0.02)
        except queue.Empty:
            return None

    inbox, heard = RelayInbox(hear, wait), queue.SimpleQueue[Frame]()
    short = inbox.follow(6, heard.put)
    short.over = True
    listening = inbox.follow(7, heard.put)
    told.put([(CANCEL, {"id": 7})])
    assert heard.get(timeout=20) == Frame(CANCEL, {"id": 7}, bytearray())
    listening.over = True
    # The one that was short did not ask.
    assert asked[0] == (7, True)
    assert {call for call, _ in asked} == {7}


async def test_the_relay_keeps_frames_until_they_are_taken() -> None:
    relay = Relay()
    await relay.put(7, ["a"])
    await relay.put(8, ["b"])
    with anyio.fail_after(20):
        assert await relay.take() == [(7, ["a"]), (8, ["b"])]
    with anyio.move_on_after(0.05) as scope:
        await relay.take()
    assert scope.cancelled_caught


async def test_the_relay_keeps_what_a_call_is_told_before_it_listens() -> None:
    relay = Relay()
    await relay.tell(7, "cancel")
    with anyio.fail_after(20):
        assert await relay.hear(7) == ["cancel"]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.hear, 7)
            await anyio.sleep(0.01)
            await relay.forget(7)
        # It listens too late.
        assert await relay.hear(7) == []
    assert relay._boxes == {}
    for call in range(OVER + 1):
        await relay.forget(100 + call)
    assert len(relay._over) == OVER


class Resources:
    """The part of Ray that tells of resources."""

    def __init__(self) -> None:
        self.there: dict[str, float] = {"CPU": 2.0}
        self.asked = 0

    def nodes(self) -> list[dict[str, Any]]:
        self.asked += 1
        return [
            {"Alive": True, "Resources": self.there},
            {"Alive": False, "Resources": {"tape": 9}},
        ]


async def test_what_the_cluster_does_not_have_is_said(tmp_path: Any) -> None:
    options = {"num_cpus": 1, "resources": {"tape": 1}}
    driver = RayDriver({"temp": str(tmp_path), "ray": {"options": options}})
    remove(driver.folder)
    ray: Any = Resources()
    driver._ray, driver._missing = ray, "not known yet"
    assert driver.missing() == "each call asks for 1 of `tape`, and no node has more than 0"
    ray.there["tape"] = 1.0
    assert driver.missing() is None
    asked = ray.asked
    assert driver.missing() is None
    assert ray.asked == asked
