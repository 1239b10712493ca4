"""Tests `JsonText`: JSON that a command has written itself, on each executor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from transom import Commands, JsonText
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio

ROWS = '[ {"name": "Zoë", "size": 1.50} ]'
READY: list[Any] = [JsonText(ROWS), JsonText(ROWS.encode()), ROWS, ROWS.encode(), "null"]
WRONG: list[Any] = ["", "{", "[NaN]", "9007199254740993", '"\ud800"', b"\xff", 7, None, ROWS + ","]


def ready(body: int) -> JsonText:
    return READY[body]


async def soon_ready(body: int) -> JsonText:
    return READY[body]


def wrong(body: int) -> JsonText:
    return WRONG[body]


async def soon_wrong(body: int) -> JsonText:
    return WRONG[body]


def items(body: int) -> Iterator[JsonText]:
    yield JsonText(ROWS)
    yield WRONG[body]


async def soon_items(body: int) -> AsyncIterator[JsonText]:
    yield JsonText(ROWS)
    yield WRONG[body]


class Holder(BaseModel):
    number: int


Executor = Literal["async", "thread", "process"]


@pytest.fixture(params=["async", "thread", "process"])
def executor(request: pytest.FixtureRequest, commands: Commands) -> Executor:
    chosen: Executor = request.param
    soon = chosen == "async"
    for name, func in {
        "ready": soon_ready if soon else ready,
        "wrong": soon_wrong if soon else wrong,
        "items": soon_items if soon else items,
    }.items():
        commands.command(name, executor=chosen)(func)
    return chosen


async def test_what_is_ready_is_sent(executor: Executor, commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        found = [await main.invoke("ready", at) for at in range(len(READY))]
    assert executor
    assert found == [*[[{"name": "Zoë", "size": 1.5}]] * 4, None]


async def test_what_no_page_could_read_is_refused(executor: Executor, commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("ready", 0)
        before = {it.id for it in app.workers()}
        for at, value in enumerate(WRONG):
            with pytest.raises(InvokeError) as caught:
                await main.invoke("wrong", at)
            assert (value, caught.value.code) == (value, "result-not-serializable")
        assert await main.invoke("ready", 0)
        # None of them has cost a worker.
        assert {it.id for it in app.workers()} >= before
    assert executor


async def test_an_item_is_refused_after_those_before_it(
    executor: Executor, commands: Commands
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        for at in range(len(WRONG)):
            stream = main.stream("items", at)
            assert await anext(stream) == [{"name": "Zoë", "size": 1.5}]
            with pytest.raises(InvokeError) as caught:
                await anext(stream)
            assert caught.value.code == "result-not-serializable"
    assert executor


def test_it_is_a_whole_result() -> None:
    commands = Commands()

    def body(body: JsonText) -> None: ...
    def part() -> list[JsonText]: ...  # type: ignore[empty-body]
    def either() -> JsonText | int: ...  # type: ignore[empty-body]

    for func in (body, part, either):
        with pytest.raises(ValueError, match="`JsonText` is a whole result"):
            commands.command()(func)
    with pytest.raises(ValueError, match="`JsonText` is a whole result"):
        type("Model", (Holder,), {"__annotations__": {"text": JsonText}, "__module__": __name__})
