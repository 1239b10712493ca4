"""Tests that what a command does to its whole process leaves later calls their answers."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from transom import Commands
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio

PATIENCE = 60.0


class Text(BaseModel):
    text: str


def raising(*_args: object) -> Any:
    raise RuntimeError("a trace function that raises")


@pytest.fixture
def commands(commands: Commands) -> Commands:
    @commands.command()
    def echo(body: Text) -> Text:
        return body

    @commands.command()
    def break_down() -> None:
        raise LookupError("broke down")

    return commands


async def test_calls_need_nothing_that_a_command_may_take_out_of_json(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    @commands.command()
    def spoil() -> None:
        for name in ("dumps", "loads"):
            monkeypatch.setattr(json, name, None)

    async with TestApp(commands) as app:
        page = app.window()
        await page.invoke("spoil")
        try:
            assert await page.invoke("echo", {"text": "a"}) == {"text": "a"}
            with pytest.raises(InvokeError) as invalid:
                await page.invoke("echo", {"text": 1})
            with pytest.raises(InvokeError) as failed:
                await page.invoke("break_down")
        finally:
            monkeypatch.undo()
    assert invalid.value.code == "invalid-argument"
    assert failed.value.code == "command-error"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("hook", [threading.settrace, threading.setprofile])
async def test_threads_begin_whatever_traces_them(
    commands: Commands, hook: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    """Such a function would end each new thread before it takes a call."""
    gate = threading.Barrier(4)

    @commands.command()
    def meet() -> bool:
        gate.wait(PATIENCE)
        return True

    async with TestApp(commands) as app:
        page = app.window()
        hook(raising)
        answers = list[bool]()

        async def call() -> None:
            answers.append(await page.invoke("meet"))

        try:
            with anyio.fail_after(PATIENCE):
                async with anyio.create_task_group() as tasks:
                    for _ in range(4):
                        tasks.start_soon(call)
        finally:
            hook(None)
    assert answers == [True] * 4
    if sys.version_info >= (3, 12) or hook is threading.settrace:
        assert "it begins without" in caplog.text


@pytest.mark.parametrize("hook", [sys.settrace, sys.setprofile])
async def test_a_trace_function_that_raises_costs_its_own_call_at_most(
    commands: Commands, hook: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    @commands.command()
    def trace() -> None:
        hook(raising)

    async with TestApp(commands) as app:
        page = app.window()
        with caplog.at_level(logging.CRITICAL), anyio.fail_after(PATIENCE):
            for _ in range(5):
                with pytest.raises(InvokeError):
                    await page.invoke("trace")
                assert await page.invoke("echo", {"text": "a"}) == {"text": "a"}
