"""`transom.testing` itself: what it plays for a test, and that it leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import sysconfig
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

import transom
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
        gate.wait(20)
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


async def test_one_label_is_one_window(commands: Commands) -> None:
    async with TestApp(commands) as app:
        app.window("main")
        with pytest.raises(ValueError, match="a window `main` is open"):
            app.window("main")


async def test_what_the_block_raises_comes_out_as_it_is(commands: Commands) -> None:
    with pytest.raises(AssertionError, match="seen"):
        async with TestApp(commands):
            raise AssertionError("seen")


async def test_an_error_of_the_start_comes_out_as_it_is(commands: Commands) -> None:
    with pytest.raises(TypeError, match="must be a `ThreadExecutor`"):
        async with TestApp(commands, executors={"io": 3}):
            pass


async def test_leaving_the_block_ends_what_runs(commands: Commands, wait_for: WaitFor) -> None:
    ended = threading.Event()

    @commands.command()
    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with TestApp(commands) as app:
        call = app.window("main").start("work")
        await wait_for(lambda: [call.state for call in app.calls()] == ["running"])
    assert ended.is_set()
    with pytest.raises(InvokeError) as caught:
        await call
    assert caught.value.code in ("aborted", "window-closed", "shutting-down")


async def test_a_command_that_does_not_end_is_named(commands: Commands, wait_for: WaitFor) -> None:
    gate = threading.Event()

    @commands.command()
    def stuck() -> None:
        gate.wait(20)

    with pytest.warns(ResourceWarning, match="still running 0.1 s after .*`stuck`"):  # noqa: PT031
        async with TestApp(commands, patience=0.1) as app:
            app.window("main").start("stuck")
            await wait_for(lambda: [call.state for call in app.calls()] == ["running"])
    gate.set()


async def test_apps_do_not_know_each_other(commands: Commands) -> None:
    others = Commands()

    @commands.command("who")
    async def one() -> str:
        return "one"

    @others.command("who")
    async def other() -> str:
        return "other"

    for _ in range(3):
        async with TestApp(commands) as app, TestApp(others) as another:
            assert await app.window("main").invoke("who") == "one"
            assert await another.window("main").invoke("who") == "other"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_commands_run_on_the_portal_of_the_app(commands: Commands, backend: str) -> None:
    @commands.command()
    async def ident() -> int:
        return threading.get_ident()

    async with TestApp(commands, backend=backend) as app:
        assert await app.window("main").invoke("ident") != threading.get_ident()


@pytest.fixture(params=["asyncio", "trio"])
def portal(request: pytest.FixtureRequest) -> Iterator[BlockingPortal]:
    with start_blocking_portal(request.param) as portal:
        yield portal


async def test_commands_run_on_a_portal_of_the_users_own(
    commands: Commands, portal: BlockingPortal
) -> None:
    idents = list[int]()

    @commands.command()
    async def ident() -> None:
        idents.append(threading.get_ident())

    for _ in range(2):
        async with TestApp(commands, portal=portal) as app:
            await app.window("main").invoke("ident")
    assert len(set(idents)) == 1
    assert idents[0] != threading.get_ident()


def test_it_needs_no_display() -> None:
    script = """
import asyncio
from transom import Commands
from transom.testing import TestApp

commands = Commands()

@commands.command()
async def ping() -> str:
    return "pong"

async def main() -> None:
    async with TestApp(commands) as app:
        print(await app.window("main").invoke("ping"))

asyncio.run(main())
"""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (run.stdout, run.returncode) == ("pong\n", 0), run.stderr


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def threads() -> list[str]:
    """The names of the threads of this process, also those that Python does not know."""
    names = list[str]()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            names.append((task / "comm").read_text().strip())
    return sorted(names)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What ends, ends without the garbage collector."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.skipif(
    sys.version_info < (3, 14) and bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    reason="the free-threaded CPython 3.13 never frees a class, and each mock has one of its own",
)
@pytest.mark.usefixtures("no_collection")
async def test_an_app_leaves_nothing_behind(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def ping() -> str:
        return "pong"

    @commands.command()
    async def numbers() -> AsyncIterator[int]:
        for n in range(10_000):
            yield n

    async def use() -> None:
        async with TestApp(commands) as app:
            main = app.window("main")
            await main.invoke("ping")
            async for _ in main.stream("numbers"):
                break

    await use()
    gc.collect()
    # Both may be more than what is kept: the system takes a moment to forget a thread that was
    # joined, and what the last message held goes on the actors' thread.
    before, files = Counter(threads()), open_files()
    for _ in range(5):
        await use()
        await wait_for(lambda: Counter(threads()) <= before)
    gc.collect()
    await wait_for(lambda: open_files() <= files)


async def test_what_a_test_has_is_refused_on_another_loop(commands: Commands) -> None:
    @commands.command()
    async def wait() -> None:
        await anyio.sleep_forever()

    @commands.command()
    async def items() -> AsyncIterator[int]:
        yield 1

    async with TestApp(commands) as app:
        main = app.window()
        call, stream, channel = main.start("wait"), main.stream("items"), main.channel()

        async def elsewhere() -> int:
            refused = 0
            for attempt in (
                lambda: main.invoke("wait"),
                call.result,
                call.released,
                stream.__anext__,
                main.jobs,
                lambda: channel.wait_for(lambda _: False),
            ):
                with pytest.raises(RuntimeError, match="await them there"):
                    await attempt()
                refused += 1
            return refused

        assert await anyio.to_thread.run_sync(anyio.run, elsewhere) == 6
        call.cancel()
        await stream.aclose()


async def test_the_metrics_of_a_command_are_those_of_its_app(commands: Commands) -> None:
    @commands.command()
    async def count() -> int:
        return transom.metrics().calls

    @commands.command()
    def count_in_thread() -> int:
        return transom.metrics().calls

    async with TestApp(commands) as app, TestApp(commands) as other:
        assert await app.window().invoke("count") == 1
        assert await other.window().invoke("count_in_thread") == 1
    with pytest.raises(RuntimeError, match="no running app"):
        transom.metrics()
