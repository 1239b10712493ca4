"""Tests that a call of `transom.testing` is what a call of a page is."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import pytest

from transom import CallContext, Commands, Limits
from transom.ipc import Headers
from transom.testing import UNSET, InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


async def test_a_call_gives_what_the_page_gets(commands: Commands) -> None:
    @commands.command()
    async def greet(body: dict[str, str]) -> str:
        return f"Hello, {body['name']}!"

    @commands.command()
    def flip(body: bytes) -> bytes:
        return body[::-1]

    @commands.command()
    async def kind(body: Any) -> str:
        return repr(body)

    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.invoke("greet", {"name": "Ada"}) == "Hello, Ada!"
        assert await main.invoke("flip", b"abc") == b"cba"
        assert await main.invoke("kind", None) == "None"
        with pytest.raises(InvokeError) as caught:
            await main.invoke("kind", UNSET)
        assert caught.value.code == "invalid-argument"


async def test_an_error_is_the_one_of_the_page(commands: Commands) -> None:
    @commands.command()
    async def divide(body: tuple[float, float]) -> float:
        return body[0] / body[1]

    async with TestApp(commands) as app:
        main = app.window("main")
        with pytest.raises(
            InvokeError, match="unknown-command: no python handler `nope`"
        ) as caught:
            await main.invoke("nope")
        error = caught.value
        assert (error.code, error.command, error.window) == ("unknown-command", "nope", "main")
        assert (error.retryable, error.details["started"]) == (False, False)
        with pytest.raises(InvokeError) as caught:
            await main.invoke("divide", [1, 0])
        assert caught.value.code == "command-error"
        assert caught.value.details["type"] == "ZeroDivisionError"
        with pytest.raises(InvokeError) as caught:
            await main.invoke("divide", "x")
        assert caught.value.details["issues"][0]["type"] == "tuple_type"


async def test_headers_reach_the_command(commands: Commands) -> None:
    @commands.command()
    async def read(headers: Headers) -> list[tuple[str, str]]:
        return [(name.decode(), value.decode()) for name, value in headers]

    async with TestApp(commands) as app:
        main = app.window("main")
        given = [("X-Two", " é "), ("x-one", "1"), ("x-two", "2"), ("Tauri-X", "not its own")]
        got = await main.invoke("read", headers=given)
        assert got == [["x-one", "1"], ["x-two", "é, 2"]]
        for wrong in ({"x one": "1"}, {"x": "☃"}, {"x": "a\nb"}):
            with pytest.raises(InvokeError, match='headers for "read" cannot be sent') as caught:
                await main.invoke("read", headers=wrong)
            assert caught.value.code == "invalid-argument"


async def test_what_a_page_cannot_send_is_an_invalid_argument(commands: Commands) -> None:
    @commands.command()
    async def echo(body: Any) -> Any:
        return body

    async with TestApp(commands) as app:
        main = app.window("main")
        for name in ("", "a" * 257, "é" * 129, "\ud800"):
            with pytest.raises(InvokeError, match="1 to 256 bytes") as caught:
                main.start(name)
            assert caught.value.code == "invalid-argument"
        for name in ("a" * 256, "é" * 128):
            with pytest.raises(InvokeError, match="unknown-command"):
                await main.invoke(name)
        with pytest.raises(InvokeError) as caught:
            await main.invoke("echo", {"text": "\ud800"})
        assert caught.value.code == "invalid-argument"
        for forever in (1e300, float("inf")):
            assert await main.invoke("echo", 1, timeout=forever) == 1


async def test_a_call_without_time_never_starts(commands: Commands) -> None:
    began = list[str]()

    @commands.command()
    async def work() -> None:
        began.append("work")

    @commands.command()
    async def items() -> AsyncIterator[int]:
        began.append("items")
        yield 1

    async with TestApp(commands) as app:
        main = app.window("main")
        late = main.start("work", timeout=0)
        stream = main.stream("items", timeout=0.0)
        for waiting in (late.result(), anext(stream)):
            with pytest.raises(InvokeError) as caught:
                await waiting
            assert (caught.value.code, caught.value.retryable) == ("deadline-exceeded", True)
            assert caught.value.details == {"started": False, "timeoutMs": 0}
        assert (await late.released(), await stream.released()) == ("cancelled", "cancelled")
        with pytest.raises(ValueError, match="a number of seconds from 0, not -1"):
            main.start("work", timeout=-1)
    assert began == []


async def test_progress_comes_before_the_result(commands: Commands) -> None:
    @commands.command()
    def count(ctx: CallContext) -> str:
        for _ in ctx.track(range(100)):
            pass
        return "done"

    async with TestApp(commands) as app:
        told = list[float]()
        call = app.window("main").start("count", on_progress=lambda it: told.append(it.done))
        assert await call == "done"
        assert told[-1] == 100
        assert told == sorted(told)
        assert call.progress is not None
        assert call.progress.total == 100


async def test_an_error_of_the_progress_listener_is_the_calls(commands: Commands) -> None:
    @commands.command()
    async def work(ctx: CallContext) -> None:
        ctx.progress(1)
        await anyio.sleep_forever()

    def listen(_: object) -> None:
        raise AssertionError("this is no progress")

    async with TestApp(commands) as app:
        with pytest.raises(AssertionError, match="this is no progress"):
            await app.window("main").invoke("work", on_progress=listen)


async def test_cancelling_the_waiting_task_cancels_the_call(
    commands: Commands, wait_for: WaitFor
) -> None:
    ended = list[str]()

    @commands.command()
    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("work")

    async with TestApp(commands) as app:
        main = app.window("main")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(main.invoke, "work")
            await wait_for(lambda: [call.state for call in app.calls()] == ["running"])
            tasks.cancel_scope.cancel()
        await wait_for(lambda: not app.calls())
        assert app.counters()["aborted"] == 1
    assert ended == ["work"]


async def test_a_call_has_an_age_in_seconds(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def work() -> None:
        await anyio.sleep_forever()

    async with TestApp(commands) as app:
        before = time.monotonic()
        call = app.window("main").start("work")
        await wait_for(lambda: [call.state for call in app.calls()] == ["running"])
        await anyio.sleep(0.05)
        [running] = app.calls()
        assert 0.04 < running.age <= time.monotonic() - before
        assert running.ran is not None
        assert running.queued + running.ran <= running.age + 0.001
        call.cancel()


async def test_a_page_holds_back_what_is_over_its_limit(
    commands: Commands, wait_for: WaitFor
) -> None:
    running, most, lock = 0, 0, threading.Lock()
    gate = threading.Event()

    @commands.command()
    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(120)
        with lock:
            running -= 1

    async with TestApp(commands, limits=Limits(calls_per_window=2)) as app:
        main = app.window("main")
        calls = [main.start("work") for _ in range(6)]
        await wait_for(lambda: running == 2)
        assert calls[2].id is None
        gate.set()
        for call in calls:
            await call
        assert most == 2
        hostile = app.window("hostile", hold=False)
        gate.clear()
        calls = [hostile.start("work") for _ in range(3)]
        with pytest.raises(InvokeError) as caught:
            await calls[2]
        assert (caught.value.code, caught.value.details["scope"]) == ("overloaded", "window")
        gate.set()


@pytest.mark.parametrize("end", ["close", "reload"])
async def test_the_calls_of_a_window_end_with_its_page(
    commands: Commands, wait_for: WaitFor, end: str
) -> None:
    @commands.command()
    async def work() -> None:
        await anyio.sleep_forever()

    @commands.command()
    async def ping() -> str:
        return "pong"

    async with TestApp(commands, limits=Limits(calls_per_window=1)) as app:
        main = app.window("main")
        running, held = main.start("work"), main.start("work")
        await wait_for(lambda: [call.state for call in app.calls()] == ["running"])
        getattr(main, end)()
        for call in (running, held):
            with pytest.raises(InvokeError) as caught:
                await call
            assert caught.value.code == "window-closed"
        await wait_for(lambda: not app.calls())
        if end == "close":
            with pytest.raises(RuntimeError, match="is closed"):
                main.start("ping")
            main = app.window("main")
        assert await main.invoke("ping") == "pong"
