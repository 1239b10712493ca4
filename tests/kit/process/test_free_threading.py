"""Tests what is different on a free-threaded interpreter."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import threading
from collections.abc import Awaitable, Callable

import anyio
import pytest

from transom import Cancelled, Commands, ThreadExecutor
from transom._executors.switching import has_lock
from transom.testing import InvokeError, TestApp, TestCall

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        not sysconfig.get_config_var("Py_GIL_DISABLED"),
        reason="this interpreter has a lock: it is no free-threaded one",
    ),
]


def test_the_native_module_needs_no_lock() -> None:
    # CPython warns of a module that brings the lock back.
    script = "import sys, transom, transom.testing; print(sys._is_gil_enabled())"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.stdout, done.stderr) == ("False\n", "")


async def test_no_executor_has_one(commands: Commands) -> None:
    async def on_loop() -> bool:
        return has_lock()

    commands.command("async")(on_loop)
    commands.command("thread")(has_lock)
    commands.command("process", executor="process")(has_lock)
    async with TestApp(commands) as app:
        main = app.window("main")
        assert [await main.invoke(name) for name in commands] == [False] * 3


async def test_plain_commands_compute_at_the_same_time(commands: Commands) -> None:
    meeting = threading.Event()
    turns = [0, 0]

    @commands.command()
    def meet(body: int) -> int:
        """Ends when the other one has got further meanwhile, ten times. Neither ever waits."""
        for _ in range(10):
            seen = turns[1 - body]
            while turns[1 - body] == seen and not meeting.is_set():
                turns[body] += 1
        meeting.set()
        return turns[body]

    interval = sys.getswitchinterval()
    # With a lock, one would keep it for good.
    sys.setswitchinterval(1000)
    try:
        async with TestApp(commands) as app:
            main = app.window("main")
            with anyio.fail_after(120):
                calls = [main.start("meet", number) for number in (0, 1)]
                assert all([await call for call in calls])
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("interrupt", [False, True])
async def test_a_cancel_of_one_of_many_that_compute_reaches_no_other(
    commands: Commands, interrupt: bool, wait_for: Callable[..., Awaitable[None]]
) -> None:
    ended = dict[int, str]()

    @commands.command(interrupt=interrupt)
    def compute(body: tuple[int, int]) -> int:
        number, turns = body
        total = 0
        try:
            for turn in range(turns):
                total += turn % 7
        except Cancelled:
            ended[number] = "cancelled"
            raise
        ended[number] = "finished"
        return number

    async def outcome(call: TestCall) -> int | str:
        try:
            return await call
        except InvokeError as error:
            return error.code

    async with TestApp(commands, executors={"thread": ThreadExecutor(workers=8)}) as app:
        main = app.window("main")
        for first in range(0, 400, 8):
            plans = [(number, 2_000 + number % 5 * 500) for number in range(first, first + 8)]
            calls = [main.start("compute", plan) for plan in plans]
            for call in calls[::2]:
                call.cancel()
            for (number, _), call in zip(plans, calls, strict=True):
                told, released = await outcome(call), await call.released()
                if number % 2:
                    assert (told, released, ended[number]) == (number, "finished", "finished")
                else:
                    assert told in {number, "aborted"}
        await wait_for(lambda: app.gauges()["calls"] == 0)
        assert app.counters()["internal"] == 0
