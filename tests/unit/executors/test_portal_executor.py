"""Tests `PortalExecutor` on every event loop: calls, cancels, replies, its end, bad commands."""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest
import trio.lowlevel
from anyio.from_thread import start_blocking_portal
from doubles import FakeCall, PipeInbox
from serving import LIMIT, LOOPS, Loop, Served


@pytest.fixture(params=LOOPS.values(), ids=list(LOOPS))
def served(request: pytest.FixtureRequest, inbox: PipeInbox) -> Iterator[Served]:
    backend, options = cast("Loop", request.param)
    with start_blocking_portal(backend, options) as portal:
        served = Served(inbox, portal, backend)

        @served.commands.command()
        async def echo(body: int) -> int:
            await anyio.lowlevel.checkpoint()
            return body

        yield served
        if not served.end.done():
            served.stop()


def test_calls_are_answered(served: Served) -> None:
    assert served.result("echo", b"1") == ("json", "1")
    assert served.result("echo", b"2") == ("json", "2")
    assert served.result("nobody")[1] == "unknown-command"


def test_mail_that_came_together_runs_at_the_same_time(served: Served) -> None:
    met = 0

    @served.commands.command()
    async def meet() -> int:
        nonlocal met
        met += 1
        while met < 50:
            await anyio.lowlevel.checkpoint()
        return met

    calls = [FakeCall("meet", id=i) for i in range(1, 51)]
    served.inbox.put(*calls)
    for call in calls:
        assert call.done.wait(LIMIT)
        assert call.outcome == ("json", "50")


def test_a_cancel_reaches_the_call_it_names_and_no_other(served: Served) -> None:
    started, ended = list[int](), list[int]()

    @served.commands.command()
    async def wait(body: int) -> None:
        started.append(body)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(body)

    one, two = served.send("wait", b"1"), served.send("wait", b"2")
    served.result("echo", b"0")
    one.cancelled = True
    served.inbox.put(one.id, 999)
    assert one.done.wait(LIMIT)
    assert one.outcome == ("dropped",)
    assert served.result("echo", b"0") == ("json", "0")
    assert not two.done.is_set()
    assert (sorted(started), ended) == ([1, 2], [1])


def test_a_cancel_beside_its_call_ends_it(served: Served) -> None:
    @served.commands.command()
    async def wait() -> None:
        await anyio.sleep_forever()

    call = FakeCall("wait", id=77, cancelled=True)
    served.inbox.put(call, 77)
    assert call.done.wait(LIMIT)
    assert call.outcome == ("dropped",)


def leave() -> None:
    sys.exit(3)


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("deed", [leave, interrupt])
def test_base_exceptions_end_the_call_and_not_the_loop(
    served: Served, deed: Callable[[], None]
) -> None:
    @served.commands.command()
    async def hostile() -> None:
        await anyio.lowlevel.checkpoint()
        deed()

    kind, code, message, _ = served.result("hostile")
    assert (kind, code) == ("error", "command-error")
    assert message in ("SystemExit(3)", "KeyboardInterrupt()")
    assert served.result("echo", b"4") == ("json", "4")
    assert not served.end.done()


def test_a_cancellation_that_a_command_raises_itself_is_its_error(served: Served) -> None:
    @served.commands.command()
    async def hostile() -> None:
        await anyio.lowlevel.checkpoint()
        raise asyncio.CancelledError

    neighbour_started = list[bool]()

    @served.commands.command()
    async def neighbour() -> None:
        neighbour_started.append(True)
        await anyio.sleep_forever()

    beside = served.send("neighbour")
    assert served.result("hostile")[:2] == ("error", "command-error")
    assert served.result("echo", b"5") == ("json", "5")
    assert neighbour_started == [True]
    assert not beside.done.is_set()


def test_a_task_that_a_command_cancels_is_its_own(served: Served) -> None:
    @served.commands.command()
    async def hostile() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await anyio.sleep_forever()

    assert served.result("hostile") == ("json", "null")


def test_the_end_cancels_what_still_runs(served: Served) -> None:
    ended = list[bool]()

    @served.commands.command()
    async def wait() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    call = served.send("wait")
    served.result("echo", b"0")
    served.stop()
    assert call.done.is_set()
    assert ended == [True]


def test_replies_of_pages_find_who_waits(served: Served) -> None:
    async def ask(token: int) -> tuple[str, Any]:
        return await served.executor.page_reply(token, lambda: None)

    one, two = (served.portal.start_task_soon(ask, token) for token in (1, 2))
    served.result("echo", b"0")
    served.inbox.put((2, "value", "true"), (9, "value", "nobody waits"), (1, "closed", ""))
    assert one.result(LIMIT) == ("closed", "")
    assert two.result(LIMIT) == ("value", "true")


def in_a_callback(way: str, callback: Callable[..., Any]) -> None:
    """Has the running event loop call `callback`, in one of its ways."""
    if way == "run_sync_soon":
        trio.lowlevel.current_trio_token().run_sync_soon(callback)
        return
    loop = asyncio.get_running_loop()
    match way:
        case "call_later":
            loop.call_later(0.01, callback)
        case "call_at":
            loop.call_at(loop.time(), callback)
        case "call_soon_threadsafe":
            threading.Thread(target=loop.call_soon_threadsafe, args=(callback,)).start()
        case "add_done_callback":
            future = loop.create_future()
            future.add_done_callback(lambda _: callback())
            future.set_result(None)
        case _:
            loop.call_soon(callback)


WAYS = ["call_soon", "call_later", "call_at", "call_soon_threadsafe", "add_done_callback"]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt("no")], ids=repr)
def test_what_callbacks_of_the_loop_raise_is_logged_and_ends_nothing_else(
    served: Served, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    raised, all_raised = 0, list[anyio.Event]()

    def fail() -> None:
        nonlocal raised
        raised += 1
        if raised == len(ways):
            all_raised[0].set()
        raise error

    @served.commands.command()
    async def schedule(body: str) -> None:
        in_a_callback(body, fail)

    # One that waits meanwhile goes on.
    @served.commands.command()
    async def wait() -> int:
        all_raised.append(anyio.Event())
        await all_raised[0].wait()
        return raised

    ways = ["run_sync_soon"] if served.backend == "trio" else WAYS
    waiting = served.send("wait")
    for way in ways:
        assert served.result("schedule", json.dumps(way).encode()) == ("json", "null")
    assert waiting.done.wait(LIMIT)
    assert waiting.outcome == ("json", str(len(ways)))
    assert served.result("echo", b"1") == ("json", "1")
    logged = [it for it in caplog.records if it.exc_info is not None and it.exc_info[1] is error]
    assert [it.name for it in logged] == ["transom"] * len(ways)
