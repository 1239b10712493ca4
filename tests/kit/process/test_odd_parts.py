"""Tests that exceptions, models and loops whose parts misbehave cost a call and no executor."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextvars import Context, copy_context
from typing import Any, Literal

import anyio
import pytest
from odd import NAMES, ODD
from pydantic import BaseModel

from transom import Commands, ProcessPool
from transom.testing import InvokeError, TestApp, TestWindow

pytestmark = pytest.mark.anyio
Backend = Literal["asyncio", "trio"]


KINDS = dict(zip(NAMES, ODD, strict=True))


def fail(body: str) -> None:
    raise KINDS[body]()


async def fail_later(body: str) -> None:
    raise KINDS[body]()


def pid() -> int:
    return os.getpid()


async def pid_later() -> int:
    return os.getpid()


def app_of(commands: Commands, executors: list[str], backend: Backend = "asyncio") -> TestApp:
    plain, later = executors
    commands.command(executor=plain)(fail)
    commands.command(executor=plain)(pid)
    commands.command(executor=later)(fail_later)
    commands.command(executor=later)(pid_later)
    pool = ProcessPool(workers=1, warm=0, backend=backend)
    return TestApp(commands, backend=backend, executors={"process": pool})


@pytest.mark.parametrize("executors", [["thread", "async"], ["process", "process"]], ids=str)
async def test_an_odd_exception_is_the_error_of_its_call(
    commands: Commands, executors: list[str], backend: Backend
) -> None:
    async with app_of(commands, executors, backend) as app:
        main = app.window()
        before = [await main.invoke("pid"), await main.invoke("pid_later")]
        for name in KINDS:
            # As often as there could be threads to lose.
            for command in ("fail", "fail", "fail_later"):
                with pytest.raises(InvokeError) as caught:
                    await main.invoke(command, name)
                assert caught.value.code == "command-error", name
                assert caught.value.details["type"] == name
                assert name in caught.value.message
        assert [await main.invoke("pid"), await main.invoke("pid_later")] == before


def cancel_all() -> None:
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.cancel()


async def cancel_all_tasks() -> None:
    cancel_all()


async def stop_the_loop(body: str) -> None:
    loop = asyncio.get_running_loop()
    # A command is known by its context.
    (Context() if body == "unknown" else copy_context()).run(loop.call_soon, loop.stop)
    if body == "at once":
        loop.stop()


async def make_deaf(body: str) -> None:
    """Keeps other threads from waking the loop."""
    loop: Any = asyncio.get_running_loop()
    if body == "close":
        loop._csock.close()
    elif body == "close both":
        loop._csock.close()
        loop._ssock.close()
    elif body == "close the number":
        os.close(loop._ssock.fileno())
    else:
        loop._remove_reader(loop._ssock.fileno())


async def test_a_worker_outlasts_a_cancel_of_all_tasks_of_its_loop(commands: Commands) -> None:
    commands.command(executor="process")(cancel_all_tasks)
    async with app_of(commands, ["process", "process"]) as app:
        main = app.window()
        before = await main.invoke("pid")
        for _ in range(2):
            await main.invoke("cancel_all_tasks")
            assert [await main.invoke("pid_later"), await main.invoke("pid")] == [before, before]


async def ask_until_refused(window: TestWindow) -> None:
    """The loop may still run what comes before its end."""
    with anyio.fail_after(120):
        while True:
            await window.invoke("pid_later")


async def test_a_worker_whose_loop_was_stopped_says_so_and_is_replaced(
    commands: Commands,
) -> None:
    commands.command(executor="process")(stop_the_loop)
    async with app_of(commands, ["process", "process"]) as app:
        main = app.window()
        before = await main.invoke("pid")
        with pytest.raises(InvokeError, match="must not stop the event loop"):
            await main.invoke("stop_the_loop", "at once")
        assert [await main.invoke("pid_later"), await main.invoke("pid")] == [before, before]
        await main.invoke("stop_the_loop", "unknown")
        with pytest.raises(InvokeError) as caught:
            await ask_until_refused(main)
        assert caught.value.code == "unavailable"
        assert "the event loop of this worker has ended" in caught.value.message
        after = await main.invoke("pid_later")
        assert after != before
        assert await main.invoke("pid") == after


async def test_a_worker_whose_loop_cannot_be_woken_any_more_is_replaced(
    commands: Commands,
) -> None:
    commands.command(executor="process")(make_deaf)
    async with app_of(commands, ["process", "process"]) as app:
        main = app.window()
        seen = [await main.invoke("pid_later")]
        for way in ("close", "close both", "close the number", "remove"):
            await main.invoke("make_deaf", way)
            seen.append(await main.invoke("pid_later"))
    assert len(set(seen)) == len(seen)


class Told(BaseModel):
    """A model that is written as the body of the call says."""

    text: str

    def model_dump_json(self, **_: Any) -> Any:
        return json.loads(self.text)


TEXTS = ["\ud83d", "not json", '{"a": 1', "", "1;alert(1)", "1 2"]


def tell(body: str) -> Told:
    return Told(text=body)


async def tell_later(body: str) -> Told:
    return Told(text=body)


def tell_all(body: str) -> Iterator[Told]:
    yield Told(text=body)


async def tell_all_later(body: str) -> AsyncIterator[Told]:
    yield Told(text=body)


@pytest.mark.parametrize("executors", [["thread", "async"], ["process", "process"]], ids=str)
async def test_what_a_model_writes_that_is_no_json_is_not_serializable(
    commands: Commands, executors: list[str]
) -> None:
    plain, later = executors
    for executor, funcs in ((plain, [tell, tell_all]), (later, [tell_later, tell_all_later])):
        for func in funcs:
            commands.command(executor=executor)(func)
    async with app_of(commands, executors) as app:
        main = app.window()
        before = await main.invoke("pid")
        for written in (*map(json.dumps, TEXTS), "null", "5", "[1]"):
            for command in ("tell", "tell_later"):
                with pytest.raises(InvokeError) as caught:
                    await main.invoke(command, written)
                assert caught.value.code == "result-not-serializable", written
            for command in ("tell_all", "tell_all_later"):
                with pytest.raises(InvokeError) as caught:
                    _ = [item async for item in main.stream(command, written)]
                assert caught.value.code == "result-not-serializable", written
        assert await main.invoke("tell", json.dumps('{"a": 1}')) == {"a": 1}
        assert await main.invoke("pid") == before


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param
