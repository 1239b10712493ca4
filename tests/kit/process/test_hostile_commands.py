"""Tests that what a command does to its whole process leaves later calls their answers."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from transom import Commands, ProcessPool
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio


class Text(BaseModel):
    text: str


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


def refuse(*_: object) -> Any:
    raise LookupError("not now")


def trace_threads() -> int:
    threading.settrace(refuse)
    return os.getpid()


async def later() -> int:
    await anyio.sleep(0.01)
    return os.getpid()


async def stop_time() -> None:
    time.monotonic = time.perf_counter = time.sleep = refuse


def lower_limit() -> str:
    try:
        sys.setrecursionlimit(80)
    except RecursionError as error:
        return str(error)
    return ""


async def test_what_a_call_replaces_in_a_worker_leaves_later_ones_their_event_loop(
    commands: Commands,
) -> None:
    for func in (trace_threads, later, stop_time, lower_limit):
        commands.command(executor="process")(func)
    async with TestApp(commands, executors={"process": ProcessPool(workers=1, warm=0)}) as app:
        main = app.window()
        # The loop's thread begins after that.
        worker = await main.invoke("trace_threads")
        assert await main.invoke("later") == worker
        await main.invoke("stop_time")
        assert "an app needs 300 at least" in await main.invoke("lower_limit")
        for _ in range(2):
            assert await main.invoke("later") == worker
