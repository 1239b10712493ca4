"""Tests that calls which wait for the GIL make its holder give it up sooner."""

from __future__ import annotations

import sys
import threading
from collections.abc import Awaitable, Callable, Iterator

import anyio
import anyio.to_thread
import pytest

from transom import Commands
from transom._executors.switching import OF_CPYTHON, SHORT, has_lock
from transom.testing import TestApp

WaitFor = Callable[..., Awaitable[None]]
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not has_lock(), reason="a free-threaded interpreter: no turns"),
]


@pytest.fixture(autouse=True)
def interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(OF_CPYTHON)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Ends what computes."""
    stop = threading.Event()
    yield stop
    stop.set()


@pytest.fixture
def compute(commands: Commands, stop: threading.Event) -> Commands:
    def spin() -> None:
        while not stop.is_set():
            sum(range(100))

    @commands.command()
    async def compute() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(anyio.to_thread.run_sync, spin)

    @commands.command()
    async def ping(body: int) -> int:
        return body

    @commands.command()
    def plain(body: int) -> int:
        return body

    return commands


@pytest.mark.parametrize("command", ["ping", "plain"])
async def test_threads_that_no_command_of_ours_started_let_calls_in_too(
    compute: Commands, stop: threading.Event, wait_for: WaitFor, command: str
) -> None:
    async with TestApp(compute) as app:
        main = app.window("main")
        assert await main.invoke(command, 1) == 1
        computing = main.start("compute")
        with anyio.fail_after(120):
            while sys.getswitchinterval() != SHORT:  # of the app's doing, by what its calls wait
                await main.invoke("ping", 1)
        for turn in range(20):
            assert await main.invoke(command, turn) == turn
        assert sys.getswitchinterval() == SHORT
        stop.set()
        await computing
    await wait_for(lambda: sys.getswitchinterval() == OF_CPYTHON)


async def test_an_interval_that_the_app_chose_stays(
    compute: Commands, stop: threading.Event
) -> None:
    sys.setswitchinterval(0.02)
    async with TestApp(compute) as app:
        main = app.window("main")
        computing = main.start("compute")
        for turn in range(5):
            assert await main.invoke("ping", turn) == turn
        assert sys.getswitchinterval() == 0.02
        stop.set()
        await computing
    assert sys.getswitchinterval() == 0.02
