"""Tests that the blocks of `transom.testing` end when their test is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import anyio
import pytest

from transom import CallContext, Commands
from transom.testing import TestApp, TestWindow

Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture
def run(anyio_backend: str) -> Run:
    """Runs a test on a thread of its own: one that nothing can cancel fails, and does not hang."""

    def run(test: Callable[[], Awaitable[None]]) -> None:
        failures = list[BaseException]()

        def main() -> None:
            try:
                anyio.run(test, backend=anyio_backend)
            except BaseException as error:  # noqa: BLE001 - raised below
                failures.append(error)

        thread = threading.Thread(target=main, daemon=True)
        thread.start()
        thread.join(60)
        assert not thread.is_alive(), "the block did not end"
        if failures:
            raise failures[0]

    return run


class Sleepers:
    """Commands that run until they are cancelled."""

    def __init__(self) -> None:
        self.commands = Commands()
        self.ended = list[str]()
        add = self.commands.command
        add()(self.sleep)
        add()(self.items)
        add()(self.ping)
        add()(self.linger)
        self.leaving, self.gate = threading.Event(), threading.Event()

    async def sleep(self) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            self.ended.append("sleep")

    async def items(self) -> AsyncIterator[int]:
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            self.ended.append("items")

    async def linger(self) -> None:
        """Ends, once it is cancelled, when the gate opens."""
        try:
            await anyio.sleep_forever()
        finally:
            self.leaving.set()
            self.gate.wait(120)
            self.ended.append("linger")

    async def ping(self) -> str:
        return "pong"

    async def runs(self, app: TestApp) -> None:
        """Waits until a command runs."""
        while [call.state for call in app.calls()] != ["running"]:  # noqa: ASYNC110
            await anyio.sleep(0.005)

    async def check(self) -> None:
        """Another app of the same test works."""
        async with TestApp(self.commands) as app:
            assert await app.window().invoke("ping") == "pong"


@pytest.fixture
def sleepers() -> Sleepers:
    return Sleepers()


async def invoke(main: TestWindow) -> None:
    await main.invoke("sleep")


async def await_call(main: TestWindow) -> None:
    await main.start("sleep")


async def await_release(main: TestWindow) -> None:
    await main.start("sleep").released()


async def iterate(main: TestWindow) -> None:
    async for _ in main.stream("items"):
        pass


async def iterate_in_block(main: TestWindow) -> None:
    async with main.stream("items") as items:
        async for _ in items:
            pass


async def wait_for_message(main: TestWindow) -> None:
    await main.channel().wait_for(bool)


WAITS = [invoke, await_call, await_release, iterate, iterate_in_block, wait_for_message]


@pytest.mark.parametrize("wait", WAITS)
def test_a_cancelled_block_ends(
    sleepers: Sleepers, run: Run, wait: Callable[[TestWindow], Coroutine[Any, Any, None]]
) -> None:
    async def test() -> None:
        with anyio.CancelScope() as scope:
            async with TestApp(sleepers.commands) as app, anyio.create_task_group() as tasks:
                tasks.start_soon(wait, app.window())
                await anyio.wait_all_tasks_blocked()
                scope.cancel()
        assert scope.cancelled_caught
        with pytest.raises(TimeoutError), anyio.fail_after(0.1):
            async with TestApp(sleepers.commands) as app:
                await wait(app.window())
        await sleepers.check()

    run(test)


def test_what_runs_is_cancelled_with_the_block(sleepers: Sleepers, run: Run) -> None:
    async def test() -> None:
        with anyio.CancelScope() as scope:
            async with TestApp(sleepers.commands) as app, anyio.create_task_group() as tasks:
                tasks.start_soon(invoke, app.window())
                await sleepers.runs(app)
                scope.cancel()
        assert sleepers.ended == ["sleep"]
        await sleepers.check()

    run(test)


def test_a_block_that_begins_cancelled_ends(sleepers: Sleepers, run: Run) -> None:
    async def test() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            async with TestApp(sleepers.commands) as app:
                await app.window().invoke("sleep")
        assert scope.cancelled_caught
        await sleepers.check()

    run(test)


def test_a_failed_start_of_a_cancelled_block_says_why(sleepers: Sleepers, run: Run) -> None:
    executors: Any = {"io": 3}

    async def test() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            with pytest.raises(TypeError, match="must be a `ThreadExecutor`"):
                async with TestApp(sleepers.commands, executors=executors):
                    pass
        await sleepers.check()

    run(test)


def test_an_error_in_a_cancelled_block_comes_out(sleepers: Sleepers, run: Run) -> None:
    async def test() -> None:
        with anyio.CancelScope() as scope, pytest.raises(AssertionError, match="seen"):  # noqa: PT012
            async with TestApp(sleepers.commands):
                scope.cancel()
                raise AssertionError("seen")
        await sleepers.check()

    run(test)


def test_a_cancel_of_the_end_comes_after_it(sleepers: Sleepers, run: Run) -> None:
    async def test() -> None:
        async def use(scope: anyio.CancelScope) -> None:
            with scope:
                async with TestApp(sleepers.commands) as app:
                    main = app.window()
                    main.start("linger")
                    await sleepers.runs(app)
                await anyio.sleep_forever()

        scope = anyio.CancelScope()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(use, scope)
            while not sleepers.leaving.is_set():  # noqa: ASYNC110 - set on another thread
                await anyio.sleep(0.005)
            scope.cancel()
            sleepers.gate.set()
        assert scope.cancelled_caught
        assert sleepers.ended == ["linger"]
        await sleepers.check()

    run(test)


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("leaves", [False, True], ids=["within", "at its end"])
def test_a_cancel_of_asyncio_ends_the_block(sleepers: Sleepers, run: Run, *, leaves: bool) -> None:
    began = asyncio.Event()

    async def use() -> None:
        async with TestApp(sleepers.commands) as app:
            main = app.window()
            call = main.start("linger")
            await sleepers.runs(app)
            began.set()
            if not leaves:
                await call

    async def test() -> None:
        task = asyncio.create_task(use())
        await began.wait()
        while leaves and not sleepers.leaving.is_set():  # noqa: ASYNC110 - set on another thread
            await anyio.sleep(0.005)
        task.cancel()
        sleepers.gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert sleepers.ended == ["linger"]
        await sleepers.check()

    run(test)


def test_a_failure_of_a_listener_ends_the_block(sleepers: Sleepers, run: Run) -> None:
    def fail(_: object) -> None:
        pytest.fail("seen")

    async def report(ctx: CallContext) -> None:
        ctx.progress(1)
        await anyio.sleep_forever()

    sleepers.commands.command()(report)

    async def test() -> None:
        with pytest.raises(BaseExceptionGroup) as caught:  # noqa: PT012
            async with TestApp(sleepers.commands) as app:
                main = app.window()
                await main.invoke("report", on_progress=fail)
        assert [str(error) for error in caught.value.exceptions] == ["seen"]
        await sleepers.check()

    run(test)
