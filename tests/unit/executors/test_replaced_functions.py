"""Tests that functions of Python which commands replace for the whole process end no loop."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from types import ModuleType
from typing import cast
from unittest.mock import Mock

import anyio
import pytest
from doubles import PipeInbox
from serving import LIMIT, LOOPS, Loop, Served, serve

from transom._loops import threads
from transom._loops.latch import own_portal

ASYNCIO = {name: loop for name, loop in LOOPS.items() if name != "trio"}
NAMES = ("monotonic", "perf_counter", "sleep")


def fail(*_: object) -> float:
    raise LookupError("no time")


ticks = count()
CLOCKS: dict[str, Callable[..., object]] = {
    "raises": fail,
    "stands": lambda *_: 0.0,
    "a mock": Mock(),
    "runs ahead": lambda *_: 1e6 * next(ticks),
    "runs back": lambda *_: -1e6 * next(ticks),
}


@pytest.fixture(params=LOOPS.values(), ids=list(LOOPS))
def served(request: pytest.FixtureRequest, inbox: PipeInbox) -> Iterator[Served]:
    with serve(cast("Loop", request.param), inbox) as served:

        @served.commands.command()
        async def wait() -> None:
            await anyio.sleep(0.01)

        @served.commands.command()
        async def give_up() -> bool:
            with anyio.move_on_after(0.01) as scope:
                await anyio.sleep_forever()
            return scope.cancelled_caught

        yield served


def lives(served: Served) -> None:
    for number in range(10):
        assert served.result("echo", b"%d" % number) == ("json", str(number))
        assert served.result("wait") == ("json", "null")
        assert served.result("give_up") == ("json", "true")
    assert not served.end.done()


def replace_everywhere(patch: pytest.MonkeyPatch, clock: Callable[..., object]) -> None:
    """As freezegun does: under any name that a module has for a function."""
    real = {id(getattr(time, name)) for name in NAMES}
    for module in list(sys.modules.values()):
        # Those that freezegun leaves alone, and what runs the test.
        if type(module) is ModuleType and not module.__name__.startswith(LEFT_ALONE):
            for name, value in list(vars(module).items()):
                if id(value) in real:
                    patch.setattr(module, name, clock)


LEFT_ALONE = ("threading", "multiprocessing", "queue", "_pytest", "pytest")


# A thread that an earlier test has left may use these functions, too.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("way", ["in `time`", "everywhere"])
def test_a_clock_that_a_command_replaces_stops_no_loop(served: Served, way: str) -> None:
    kinds, patch = list(CLOCKS), pytest.MonkeyPatch()

    @served.commands.command()
    async def hostile(body: int) -> None:
        clock = CLOCKS[kinds[body]]
        if way == "everywhere":
            replace_everywhere(patch, clock)
        for name in NAMES:
            patch.setattr(time, name, clock)

    try:
        for number in range(len(kinds)):
            assert served.result("hostile", b"%d" % number) == ("json", "null")
            lives(served)
            patch.undo()
    finally:
        patch.undo()


@pytest.mark.parametrize("served", ASYNCIO.values(), ids=list(ASYNCIO), indirect=True)
def test_functions_of_asyncio_that_a_command_replaces_are_not_those_of_the_app(
    served: Served,
) -> None:
    patch = pytest.MonkeyPatch()

    @served.commands.command()
    async def hostile() -> None:
        for name in ("all_tasks", "current_task", "gather", "get_running_loop", "wait"):
            patch.setattr(asyncio, name, Mock())

    @served.commands.command()
    async def stay() -> None:
        begun.set()
        await asyncio.Event().wait()

    begun = threading.Event()
    try:
        assert served.result("hostile") == ("json", "null")
        for number in range(30):
            assert served.result("echo", b"%d" % number) == ("json", str(number))
        stays = served.send("stay")
        assert begun.wait(LIMIT)
        assert served.executor.leave(1.0)
        assert stays.done.wait(LIMIT)
    finally:
        patch.undo()


@pytest.mark.parametrize("served", ASYNCIO.values(), ids=list(ASYNCIO), indirect=True)
def test_a_command_cannot_take_the_loop_from_its_thread(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        asyncio._set_running_loop(None)  # pyright: ignore[reportPrivateUsage]
        asyncio.run(asyncio.sleep(0))

    @served.commands.command()
    async def quiet() -> None:
        asyncio._set_running_loop(None)  # pyright: ignore[reportPrivateUsage]

    for command in ("hostile", "quiet"):
        assert served.result(command)
        lives(served)
    assert sum("run another loop on another thread" in it for it in caplog.messages) == 2


@pytest.fixture
def limit() -> Iterator[int]:
    before = sys.getrecursionlimit()
    yield before
    sys.setrecursionlimit(before)


def test_a_recursion_limit_that_no_loop_could_live_with_is_refused(
    served: Served, limit: int
) -> None:
    @served.commands.command()
    async def hostile(body: int) -> None:
        sys.setrecursionlimit(body)

    for low in (30, 100, 299):
        kind, code, text, _ = served.result("hostile", b"%d" % low)
        assert (kind, code) == ("error", "command-error")
        assert "RecursionError" in text
        assert "an app needs 300 at least" in text
        assert sys.getrecursionlimit() == limit
    assert served.result("hostile", b"0")[:2] == ("error", "command-error")
    assert served.result("hostile", b"300") == ("json", "null")
    lives(served)
    assert sys.getrecursionlimit() == 300


def test_a_loop_that_does_not_end_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    """As where a mock is in the place of what its end needs."""
    ended, goes_on = threading.Event(), True

    async def stay() -> None:
        while goes_on:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)

    with own_portal("asyncio", ended=ended.set, patience=0.05) as portal:
        portal.start_task_soon(stay)
    assert "does not end, so it is left behind" in caplog.text
    assert not ended.is_set()
    goes_on = False
    assert ended.wait(LIMIT)


def test_a_thread_that_never_begins_is_replaced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    thread, begun = Mock(), threading.Event()
    thread.return_value.is_alive.return_value = True
    monkeypatch.setattr(threads, "Thread", thread)
    monkeypatch.setattr(threads, "LOOK", 0.001)
    monkeypatch.setattr(threading, "gettrace", lambda: fail)
    threads.start_thread(begun.set, "mine")
    assert begun.wait(LIMIT)
    assert "has ended the thread `mine`" in caplog.text
    # It comes too late to do the work once more.
    begun.clear()
    thread.call_args.kwargs["target"]()
    assert not begun.is_set()
