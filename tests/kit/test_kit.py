"""Tests `transom.testing` itself: what it imitates, and that it leaves nothing behind."""

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

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

import transom
from transom import Commands
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


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
        gate.wait(120)

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
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
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


class NoPool(transom.ProcessPool):
    """A pool that cannot be started."""

    def plan(self, *, embedded: bool, gateway: object = None) -> str:
        raise OSError("no such interpreter")


async def test_an_app_whose_executors_cannot_start_says_why(commands: Commands) -> None:
    @commands.command()
    async def quick() -> int:
        return 1

    with anyio.fail_after(120), pytest.raises(OSError, match="no such interpreter"):
        async with TestApp(commands, executors={"pool": NoPool()}):
            pass
