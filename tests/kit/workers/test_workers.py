"""Tests that the test kit lists worker processes, and that the app can kill them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import pytest

from transom import AppHandle, Commands, ProcessPool, WorkerCall
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        time.sleep(0.01)


def app_of(commands: Commands) -> TestApp:
    commands.command(executor="process")(pid)
    commands.command(executor="process")(spin)
    return TestApp(commands, executors={"process": ProcessPool(workers=1, warm=0)})


async def test_a_worker_is_seen_with_its_process(commands: Commands, wait_for: WaitFor) -> None:
    async with app_of(commands) as app:
        assert app.workers() == []
        assert app.metrics().pools["process"].state == "available"
        process = await app.window().invoke("pid")
        # The answer comes first: the worker is idle a moment later.
        await wait_for(lambda: [it.state for it in app.workers()] == ["idle"])
        [worker] = app.workers()
        assert (worker.pool, worker.id, worker.name) == ("process", 1, "process-1")
        assert (worker.pid, worker.state, worker.calls) == (process, "idle", ())
        assert (worker.finished, worker.age >= worker.state_age >= 0) == (1, True)
        pool = app.metrics().pools["process"]
        assert [it.pid for it in pool.workers] == [process]
        assert json.loads(json.dumps(asdict(pool)))["workers"][0]["id"] == 1


async def test_a_kill_ends_the_call_that_was_seen(commands: Commands, wait_for: WaitFor) -> None:
    async with app_of(commands) as app:
        call = app.window().start("spin")
        await wait_for(lambda: [it.state for it in app.workers()] == ["busy"])
        [worker] = app.workers()
        [running] = app.calls()
        assert worker.calls == (WorkerCall(running.id, "spin"),)
        assert worker.kill()
        with pytest.raises(InvokeError, match="the app killed it") as caught:
            await call
        assert caught.value.code == "worker-lost"
        assert await call.released() == "killed"
        assert not worker.kill()
        assert await app.window("other").invoke("pid") != worker.pid


async def test_only_what_reaches_every_window_sees_the_workers(commands: Commands) -> None:
    @commands.command()
    async def look(app_handle: AppHandle) -> int:
        return len(app_handle.workers())

    async with app_of(commands) as app:
        assert await app.window().invoke("look") == 0
        small = app.window("small", allow=[{"command": "look"}])
        with pytest.raises(InvokeError, match="PermissionError"):
            await small.invoke("look")
