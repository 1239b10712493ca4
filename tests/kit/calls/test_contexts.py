"""Tests that each call has a `contextvars` context of its own, in every executor."""

from __future__ import annotations

import decimal
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any

import anyio.lowlevel
import pytest

from transom import Commands, ProcessPool
from transom.testing import TestApp

pytestmark = pytest.mark.anyio

word: ContextVar[str] = ContextVar("word", default="none")
State = tuple[int, str]


def change() -> State:
    """What is there; leaves something else."""
    found = (decimal.getcontext().prec, word.get())
    decimal.getcontext().prec = 5
    word.set("changed")
    return found


def plain() -> State:
    return change()


async def asynchronous() -> State:
    await anyio.lowlevel.checkpoint()
    return change()


async def shared() -> State:
    await anyio.lowlevel.checkpoint()
    return change()


def stream() -> Iterator[State]:
    yield change()
    yield decimal.getcontext().prec, word.get()


async def async_stream() -> AsyncIterator[State]:
    yield change()
    yield decimal.getcontext().prec, word.get()


def initialise() -> None:
    decimal.getcontext().prec = 50
    word.set("initialised")


async def async_initialise() -> None:
    await anyio.lowlevel.checkpoint()
    initialise()


def move(body: str) -> str:
    """A change of the process, and what was there before."""
    before = os.getcwd()  # noqa: PTH109
    os.chdir(body)
    return before


VALUES: list[Callable[..., Any]] = [plain, asynchronous, shared]
STREAMS: list[Callable[..., Any]] = [stream, async_stream]


def register(commands: Commands, executor: str | None) -> None:
    for func in (*VALUES, *STREAMS):
        own = func is shared and executor == "process"
        commands.command(executor=executor, shared=own)(func)


async def states(app: TestApp) -> dict[str, list[Any]]:
    """What each command finds, twice, by its name; of streams, both items."""
    main, found = app.window(), dict[str, list[Any]]()
    for func in VALUES:
        found[func.__name__] = [await main.invoke(func.__name__) for _ in range(2)]
    for func in STREAMS:
        for _ in range(2):
            async with main.stream(func.__name__) as items:
                found.setdefault(func.__name__, []).append([item async for item in items])
    return found


def expected(prec: int, text: str) -> dict[str, list[Any]]:
    first, then = [prec, text], [5, "changed"]
    values = {func.__name__: [first, first] for func in VALUES}
    return values | {func.__name__: [[first, then]] * 2 for func in STREAMS}


async def test_a_call_finds_nothing_of_another_in_the_app(commands: Commands) -> None:
    register(commands, None)
    async with TestApp(commands) as app:
        assert await states(app) == expected(28, "none")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(
    ("initializer", "backend"),
    [
        (None, "trio"),
        (initialise, "asyncio"),
        (async_initialise, "asyncio"),
        (async_initialise, "trio"),
    ],
)
async def test_a_call_finds_nothing_of_another_in_a_worker_but_what_the_initializer_set(
    commands: Commands, initializer: Callable[[], Any] | None, backend: Any
) -> None:
    register(commands, "process")
    pool = ProcessPool(workers=1, warm=0, initializer=initializer, backend=backend)
    async with TestApp(commands, executors={"process": pool}) as app:
        made = (28, "none") if initializer is None else (50, "initialised")
        assert await states(app) == expected(*made)


async def test_what_the_app_has_set_before_its_start_is_not_shared_by_its_calls(
    commands: Commands, wait_for: Callable[..., Awaitable[None]]
) -> None:
    register(commands, None)
    with decimal.localcontext(prec=40) as mine:
        async with TestApp(commands) as app:
            found = await states(app)
        assert mine.prec == 40
    assert found["asynchronous"][0] == found["asynchronous"][1]
    assert found["async_stream"][0] == found["async_stream"][1]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("recycle_after", [None, 1])
async def test_what_a_call_changes_of_its_process_goes_with_the_process(
    commands: Commands, tmp_path: Any, recycle_after: int | None
) -> None:
    commands.command(executor="process")(move)
    pool = ProcessPool(workers=1, warm=0, recycle_after=recycle_after)
    async with TestApp(commands, executors={"process": pool}) as app:
        main, there = app.window(), str(tmp_path)
        begun = await main.invoke("move", there)
        assert await main.invoke("move", there) == (there if recycle_after is None else begun)
