"""Tests `AsyncTools`: plain and awaited forms of functions, and the end of its block."""

from __future__ import annotations

import inspect
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError
from contextvars import ContextVar
from time import monotonic
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio import from_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal

from transom._app import exits
from transom.async_tools import AsyncTools

SOON = 120.0
"""Seconds after which a test gives up."""

color = ContextVar("color", default="none")


@pytest.fixture
def portal(anyio_backend: str) -> Iterator[BlockingPortal]:
    with start_blocking_portal(anyio_backend) as it:
        yield it


@pytest.fixture
def tools(portal: BlockingPortal) -> Iterator[AsyncTools]:
    with AsyncTools(portal) as it:
        yield it


def start(tools: AsyncTools, f: Callable[..., Coroutine[Any, Any, None]], *args: object) -> None:
    """Starts a task. Newer ones of anyio's groups give a handle, which the portal would await."""

    async def begin() -> None:
        tools.task_group.start_soon(f, *args)

    tools.portal.call(begin)


def test_a_plain_form_runs_on_the_loop_and_gives_the_result(tools: AsyncTools) -> None:
    @tools.to_sync
    async def join(a: str, *, b: int = 1) -> tuple[str, int]:
        """Joins."""
        await anyio.lowlevel.checkpoint()
        return f"{a}{b}{color.get()}", threading.get_ident()

    token = color.set("red")
    try:
        text, thread = join("x", b=2)
    finally:
        color.reset(token)
    assert (text, thread) == ("x2red", tools.portal.call(threading.get_ident))
    assert thread != threading.get_ident()
    assert str(inspect.signature(join)) == "(a: 'str', *, b: 'int' = 1) -> 'tuple[str, int]'"
    assert (join.__doc__, join.__name__) == ("Joins.", "join")
    assert not inspect.iscoroutinefunction(join)


def test_an_awaited_form_runs_in_a_thread_and_gives_the_result(tools: AsyncTools) -> None:
    @tools.to_async
    def join(a: str, *, b: int = 1) -> tuple[str, int]:
        """Joins."""
        return f"{a}{b}{color.get()}", threading.get_ident()

    async def use() -> tuple[str, int]:
        color.set("blue")
        return await join("x", b=2)

    text, thread = tools.portal.call(use)
    assert text == "x2blue"
    assert thread not in {threading.get_ident(), tools.portal.call(threading.get_ident)}
    assert str(inspect.signature(join)) == "(a: 'str', *, b: 'int' = 1) -> 'tuple[str, int]'"
    assert join.__doc__ == "Joins."
    assert inspect.iscoroutinefunction(join)


@pytest.mark.parametrize("error", [KeyError("k"), SystemExit(3)], ids=repr)
def test_what_a_function_raises_comes_out_and_ends_nothing_else(
    tools: AsyncTools, error: BaseException
) -> None:
    @tools.to_sync
    async def fail() -> None:
        raise error

    @tools.to_async
    def fail_plainly() -> None:
        raise KeyError("plain")

    with pytest.raises(type(error)) as found:
        fail()
    assert found.value is error
    with pytest.raises(KeyError, match="plain"):
        tools.portal.call(fail_plainly)
    assert tools.to_sync(anyio.sleep)(0.001) is None
    assert tools.to_sync(anyio.lowlevel.checkpoint)() is None


def test_a_plain_form_on_the_loops_own_thread_says_what_to_do(tools: AsyncTools) -> None:
    plain = tools.to_sync(anyio.sleep)

    async def call() -> None:
        plain(0)

    with pytest.raises(RuntimeError, match=r"`sleep` was made plain .* `await` the function"):
        tools.portal.call(call)


def test_the_awaited_form_of_a_plain_form_works_on_the_loop(tools: AsyncTools) -> None:
    async def two() -> int:
        return 2

    assert tools.portal.call(tools.to_async(tools.to_sync(two))) == 2


def test_the_end_of_the_block_cancels_tasks_and_calls(portal: BlockingPortal) -> None:
    seen = list[str]()
    running, begun = threading.Event(), threading.Event()
    outcome = list[type[BaseException]]()

    async def wait(event: threading.Event, name: str) -> None:
        event.set()
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.01)
                seen.append(name)

    def call() -> None:
        try:
            plain(begun, "call")
        except BaseException as error:  # noqa: BLE001
            outcome.append(type(error))

    with AsyncTools(portal) as tools:
        plain = tools.to_sync(wait)
        thread = threading.Thread(target=call)
        thread.start()
        start(tools, wait, running, "task")
        assert running.wait(SOON)
        assert begun.wait(SOON)
    assert sorted(seen) == ["call", "task"]
    thread.join(SOON)
    assert outcome == [CancelledError]
    with pytest.raises(RuntimeError, match="inside its block only"):
        plain(begun, "late")
    with pytest.raises(RuntimeError, match="entered once"), tools:
        pass


def test_a_task_that_raises_is_logged_and_raised_by_the_block(
    portal: BlockingPortal, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise KeyError("task")

    def use() -> None:
        with AsyncTools(portal) as tools:
            start(tools, fail)

    with pytest.raises(ExceptionGroup) as found:
        use()
    assert found.group_contains(KeyError, match="task")
    assert "a task of an `AsyncTools` raised" in caplog.text


def test_what_the_block_raises_comes_out(portal: BlockingPortal) -> None:
    with pytest.raises(KeyError, match="block"), AsyncTools(portal):
        raise KeyError("block")


def test_a_portal_that_has_ended_keeps_nobody(anyio_backend: str) -> None:
    with start_blocking_portal(anyio_backend) as portal:
        tools = AsyncTools(portal)
        tools.__enter__()
    tools.__exit__(None, None, None)


def test_what_does_not_end_is_named_and_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On asyncio, where a loop can be made to forget a task."""
    monkeypatch.setattr(exits, "CLEAN_UP", 0.2)
    begun = threading.Event()

    async def stubborn() -> None:
        while True:
            try:
                await anyio.sleep(SOON)
            except BaseException:  # noqa: BLE001
                pass
            finally:
                begun.set()

    with caplog.at_level(logging.WARNING), start_blocking_portal("asyncio") as portal:
        with AsyncTools(portal) as tools:
            start(tools, stubborn)
        began = monotonic()
    assert begun.is_set()
    assert monotonic() - began < SOON
    assert re.search(r"the task `.*stubborn` of an `AsyncTools` goes on", caplog.text)


STUBBORN = """
import anyio
from anyio.from_thread import start_blocking_portal
from transom._app import exits
from transom.async_tools import AsyncTools

async def stubborn():
    with anyio.CancelScope(shield=True):
        await anyio.sleep_forever()

async def start(group):
    group.start_soon(stubborn)

class App:  # what is left of an app that has run
    def end_process_in(self, seconds, code):
        return self
    seal = avert = lambda self: None

exits.CLEAN_UP = 0.2
exits.LEAST = 0.2
with start_blocking_portal({backend!r}) as portal, AsyncTools(portal) as tools:
    portal.call(start, tools.task_group)
    exits.watch_interpreter(App(), 7, 0.0)
print("closed")
"""


def test_after_an_app_no_task_keeps_the_process(anyio_backend: str) -> None:
    """trio does not let go of a task: there the process ends with the app's exit code."""
    code = STUBBORN.format(backend=anyio_backend)
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=SOON
    )
    assert "goes on after its cancel" in run.stderr
    if anyio_backend == "trio":
        assert run.returncode == 7
    else:
        assert (run.returncode, run.stdout) == (0, "closed\n")


def test_a_function_in_a_thread_reaches_the_loop(tools: AsyncTools) -> None:
    """As of anyio's own threads."""
    work = tools.to_async(lambda: from_thread.run(anyio.sleep, 0))
    assert tools.portal.call(work) is None
