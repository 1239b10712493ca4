"""Tests forks that are made on the threads of pools: they end with the function that made them."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio.to_thread
import pytest

from transom import Commands, ProcessPool
from transom.testing import TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no forks"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


def fork() -> int:
    return os.fork()


def fork_and_fail(pids: list[int]) -> None:
    pids.append(os.fork())
    raise ValueError


def code_of(pid: int) -> int:
    """The exit code of a child. -9: it goes on for ever."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, 9)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def to_thread() -> int:
    pid = await asyncio.to_thread(fork)
    return await asyncio.to_thread(code_of, pid)


async def to_thread_of_anyio() -> int:
    pid = await anyio.to_thread.run_sync(fork)
    return await anyio.to_thread.run_sync(code_of, pid)


def to_pool() -> int:
    with ThreadPoolExecutor(1) as pool:
        return code_of(pool.submit(fork).result())


def to_pool_and_fail() -> int:
    with ThreadPoolExecutor(1) as pool:
        pids = list[int]()
        assert isinstance(pool.submit(fork_and_fail, pids).exception(), ValueError)
        return code_of(pids[0])


def to_busy_pool(body: str) -> list[int]:
    """The lines that are written by what waits for the thread, and the code of the fork."""
    go = threading.Event()

    def fork_late() -> int:
        go.wait(120)
        return fork()

    def write() -> None:
        with Path(body).open("a") as file:
            file.write("x\n")

    with ThreadPoolExecutor(1) as pool:
        forked, written = pool.submit(fork_late), pool.submit(write)
        go.set()
        pid = forked.result()
        written.result()
        return [code_of(pid), len(Path(body).read_text().splitlines())]


def to_process_with_a_pool(body: str) -> int:
    """A fork may have pools of its own."""

    def work() -> None:
        with ThreadPoolExecutor(1) as own:
            Path(body).write_text(own.submit(str, 5).result())

    def fork_and_work() -> int:
        pid = os.fork()
        if pid == 0:
            work()
        return pid

    with ThreadPoolExecutor(1) as pool:
        code = code_of(pool.submit(fork_and_work).result())
    return code or int(Path(body).read_text())


@pytest.fixture
def anyio_backend() -> str:
    """The app's own loop has no part in this."""
    return "asyncio"


async def test_a_fork_on_a_thread_of_a_pool_ends_with_its_function(
    commands: Commands, tmp_path: Path
) -> None:
    plain = (to_thread, to_thread_of_anyio, to_pool, to_pool_and_fail)
    for func in (*plain, to_busy_pool, to_process_with_a_pool):
        commands.command(executor="process")(func)
    async with TestApp(commands, executors={"process": ProcessPool(workers=1)}) as app:
        main = app.window()
        found = {func.__name__: await main.invoke(func.__name__) for func in plain}
        assert found == dict.fromkeys(found, 0)
        # The parent's work is done once.
        assert await main.invoke("to_busy_pool", str(tmp_path / "written")) == [0, 1]
        assert await main.invoke("to_process_with_a_pool", str(tmp_path / "worked")) == 5
