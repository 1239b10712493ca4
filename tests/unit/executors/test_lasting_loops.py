"""Tests that commands cannot end the event loop that serves all, nor leave calls unanswered."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import anyio
import pytest
from doubles import FakeCall, PipeInbox
from odd import NAMES, ODD, ApiError, RaisingHandler
from serving import LIMIT, LOOPS, Loop, Served, serve

ASYNCIO = {name: loop for name, loop in LOOPS.items() if name != "trio"}
each_trio = pytest.mark.parametrize("served", [LOOPS["trio"]], indirect=True)
each_asyncio = pytest.mark.parametrize("served", ASYNCIO.values(), ids=list(ASYNCIO), indirect=True)


@pytest.fixture(params=LOOPS.values(), ids=list(LOOPS))
def served(request: pytest.FixtureRequest, inbox: PipeInbox) -> Iterator[Served]:
    with serve(cast("Loop", request.param), inbox) as served:
        yield served


@pytest.fixture
def broken_log() -> Iterator[None]:
    handler = RaisingHandler(RuntimeError("no log"))
    logging.root.addHandler(handler)
    yield
    logging.root.removeHandler(handler)


def cancel_all() -> None:
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.cancel()


def lives(served: Served) -> None:
    for number in range(30):
        assert served.result("echo", b"%d" % number) == ("json", str(number))
    assert not served.end.done()


@pytest.mark.parametrize("make", ODD, ids=NAMES)
@pytest.mark.usefixtures("broken_log")
def test_an_odd_exception_is_the_error_of_its_call(
    served: Served, make: Callable[[], BaseException]
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        raise make()

    for _ in range(2):
        assert served.result("hostile")[:2] == ("error", "command-error")
    lives(served)


@each_asyncio
def test_a_command_that_cancels_all_tasks_ends_what_runs_and_no_more(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        for _ in range(3):
            cancel_all()
            await asyncio.sleep(0)
            cancel_all()

    @served.commands.command()
    async def wait() -> None:
        begun.set()
        await anyio.sleep_forever()

    begun = threading.Event()
    waiting = served.send("wait")
    assert begun.wait(LIMIT)
    for _ in range(3):
        assert served.result("hostile") == ("json", "null")
        lives(served)
    assert waiting.done.wait(LIMIT)
    assert waiting.outcome is not None
    assert waiting.outcome[:2] == ("error", "command-error")
    assert caplog.messages == ["command `wait`, called by window `main`, raised"]


@each_asyncio
def test_a_call_whose_task_is_cancelled_before_it_begins_is_answered(served: Served) -> None:
    @served.commands.command()
    async def hostile() -> None:
        cancel_all()

    # More than there are waiting tasks: the rest get one of their own, which has not begun.
    calls = [FakeCall("hostile", id=i) for i in range(1, 21)]
    served.inbox.put(*calls)
    for call in calls:
        assert call.done.wait(LIMIT)
    outcomes = [cast("Any", call.outcome)[:2] for call in calls]
    assert ("json", "null") in outcomes
    assert set(outcomes) <= {("json", "null"), ("error", "unavailable")}
    lives(served)


@each_asyncio
@pytest.mark.usefixtures("broken_log")
def test_an_exit_in_a_callback_ends_nothing_when_it_cannot_be_logged(served: Served) -> None:
    @served.commands.command()
    async def hostile(body: str) -> None:
        def leave() -> None:
            if body == "exit":
                sys.exit(3)
            raise ApiError

        asyncio.get_running_loop().call_soon(leave)
        await asyncio.sleep(0)

    for kind in ("exit", "odd"):
        assert served.result("hostile", json.dumps(kind).encode()) == ("json", "null")
        lives(served)


@each_asyncio
def test_an_exception_handler_that_exits_ends_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: sys.exit(5))
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    assert served.result("hostile") == ("json", "null")
    lives(served)
    assert "the exception handler of the event loop raised" in caplog.messages
    assert "ZeroDivisionError" in caplog.text


@each_asyncio
@pytest.mark.usefixtures("broken_log")
def test_a_loop_that_is_stopped_leaves_nobody_waiting(served: Served) -> None:
    asked = list[str]()

    @served.commands.command()
    async def wait() -> None:
        await anyio.sleep_forever()

    async def stop() -> None:
        asyncio.get_running_loop().stop()

    served.executor._replies[7] = lambda reply: asked.append(reply[0])  # pyright: ignore[reportPrivateUsage]
    waiting = served.send("wait")
    served.portal.start_task_soon(stop)
    assert waiting.done.wait(LIMIT)
    assert served.closed.wait(LIMIT)
    assert asked == ["closed"]
    # What waits for it is handed over, to be refused.
    assert served.readies == 2


@each_asyncio
def test_a_command_cannot_stop_the_loop(served: Served) -> None:
    @served.commands.command()
    async def hostile(body: str) -> None:
        loop = asyncio.get_running_loop()
        if body == "at once":
            loop.stop()
        elif body == "soon":
            loop.call_soon(loop.stop)
        else:
            asyncio.ensure_future(asyncio.sleep(0)).add_done_callback(lambda _: loop.stop())
            await asyncio.sleep(0.01)

    assert served.result("hostile", b'"at once"')[:2] == ("error", "command-error")
    lives(served)
    for way in ("soon", "later"):
        assert served.result("hostile", json.dumps(way).encode()) == ("json", "null")
        lives(served)


@each_asyncio
def test_a_command_cannot_keep_the_loop_from_hearing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> list[bool]:
        loop: Any = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            loop.add_reader(ours, print)
            loop.remove_reader(ours)
        selector = getattr(loop, "_selector", None)  # not uvloop's
        own = list(selector.get_map()) if selector else [served.inbox.fileno()]
        return [loop.remove_reader(fd) for fd in own]

    kind, removed = served.result("hostile")
    assert kind == "json"
    assert not any(json.loads(removed))
    assert "remove only readers that the command has added" in caplog.text
    lives(served)
    assert served.portal.call(lambda: "heard") == "heard"


@each_asyncio
@pytest.mark.parametrize("way", ["the loop's", "one of its own"])
def test_a_command_that_shuts_an_executor_down_leaves_the_others_theirs(
    served: Served, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        loop = asyncio.get_running_loop()
        if way == "the loop's":
            await loop.shutdown_default_executor()
        with ThreadPoolExecutor() as executor:
            loop.set_default_executor(executor)

    @served.commands.command()
    async def other() -> str:
        return await asyncio.to_thread(lambda: "done")

    assert served.result("other") == ("json", '"done"')
    refused = served.result("hostile")[:2] == ("error", "command-error")
    for _ in range(2):
        assert served.result("other") == ("json", '"done"')
    renewed = [it for it in caplog.messages if "the loop gets another" in it]
    assert (refused, len(renewed)) == ((True, 0) if way == "the loop's" else (False, 1))


@each_asyncio
def test_the_exit_of_a_task_is_contained_under_any_task_factory(served: Served) -> None:
    @served.commands.command()
    async def hostile(body: str) -> None:
        async def leave() -> None:
            sys.exit(3)

        loop = asyncio.get_running_loop()
        own = lambda loop, work, **kwargs: asyncio.Task(work, loop=loop, **kwargs)  # noqa: E731
        loop.set_task_factory(own if body == "own" else None)
        await asyncio.wait([loop.create_task(leave())])

    for kind in ("own", "none"):
        assert served.result("hostile", json.dumps(kind).encode()) == ("json", "null")
        lives(served)


@each_trio
def test_a_command_cannot_cancel_what_is_around_all_commands(served: Served) -> None:
    @served.commands.command()
    async def wait() -> None:
        begun.set()
        await anyio.sleep_forever()

    @served.commands.command()
    async def hostile(body: int) -> None:
        task = trio.lowlevel.current_task()
        for _ in range(body):
            nursery = task.parent_nursery
            assert nursery is not None
            task = nursery.parent_task
        assert task.parent_nursery is not None
        task.parent_nursery.cancel_scope.cancel()

    @served.commands.command()
    async def own() -> bool:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await anyio.sleep_forever()
        return scope.cancelled_caught

    trio = pytest.importorskip("trio")
    begun = threading.Event()
    waiting = served.send("wait")
    assert begun.wait(LIMIT)
    for height in range(3):
        assert served.result("hostile", b"%d" % height)[:2] == ("error", "command-error")
        lives(served)
    assert served.result("own") == ("json", "true")
    assert not waiting.done.is_set()


@each_trio
def test_a_task_in_the_nursery_of_all_commands_ends_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        async def fail() -> None:
            sys.exit(3)

        nursery = trio.lowlevel.current_task().parent_nursery
        assert nursery is not None
        nursery.start_soon(fail)
        await trio.lowlevel.checkpoint()

    trio = pytest.importorskip("trio")
    assert served.result("hostile") == ("json", "null")
    lives(served)
    assert "SystemExit: 3" in caplog.text


@pytest.mark.parametrize("served", [LOOPS["asyncio"]], indirect=True)
def test_a_loop_that_breaks_leaves_nobody_waiting(served: Served) -> None:
    @served.commands.command()
    async def wait() -> None:
        begun.set()
        await anyio.sleep_forever()

    @served.commands.command()
    async def hostile() -> None:
        cast("Any", asyncio.get_running_loop())._run_once = None

    begun = threading.Event()
    assert not served.executor.end_if_lost()
    served.send("wait")
    assert begun.wait(LIMIT)
    served.send("hostile")
    ended = threading.Event()
    while not served.executor.end_if_lost():
        assert not ended.wait(0.01)
    assert served.closed.is_set()
    # Nothing of its loop tells that any more.
    cast("Any", served.end).set_result(None)
