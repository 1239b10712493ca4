"""Tests loops that a step of a task may turn, as `nest_asyncio` has it, and replaced threads."""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from transom import Commands
from transom.testing import TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.version_info >= (3, 14), reason="no task can be put aside there"),
]


def turn(loop: Any) -> None:
    """A turn that may begin within a step of a turn."""
    loop._process_events(loop._selector.select(0 if loop._ready else 0.01))
    while loop._scheduled and loop._scheduled[0]._when <= loop.time():
        loop._ready.append(heapq.heappop(loop._scheduled))
    current: dict[Any, Any] = asyncio.tasks._current_tasks  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    for _ in range(len(loop._ready)):
        if not loop._ready:
            break
        handle = loop._ready.popleft()
        task = current.pop(loop, None)
        try:
            if not handle.cancelled():
                handle._run()
        finally:
            if task is not None:
                current[loop] = task


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("when", ["before", "while it runs"])
async def test_calls_go_on_while_a_command_turns_the_loop(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, wait_for: Callable[..., Any], when: str
) -> None:
    @commands.command()
    async def patch() -> None:
        monkeypatch.setattr(asyncio.BaseEventLoop, "_run_once", turn, raising=True)
        monkeypatch.setattr(asyncio, "_nest_patched", True, raising=False)

    heard = list[str]()

    @commands.command()
    async def wait() -> str:
        loop: Any = asyncio.get_running_loop()
        heard.append("waits")
        until = loop.time() + 120
        while heard[-1] != "told" and loop.time() < until:
            loop._run_once()
        return heard[-1]

    @commands.command()
    async def tell() -> None:
        heard.append("told")

    if when == "before":
        await patch()
    async with TestApp(commands) as app:
        main = app.window("main")
        if when == "while it runs":
            await main.invoke("patch")
        waiting = main.start("wait")
        await wait_for(lambda: heard)
        assert await main.invoke("tell") is None
        assert await waiting == "told"
        assert await main.invoke("tell") is None


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_threads_that_are_none_are_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = SimpleNamespace(is_monkey_patched=lambda name: name == "thread")  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setitem(sys.modules, "eventlet.patcher", module)
    with pytest.raises(RuntimeError, match=r"call `eventlet\.monkey_patch\(thread=False\)`"):
        Commands()
