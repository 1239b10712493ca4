"""Tests streams that yield inside task groups and cancel scopes, on each event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import anyio.lowlevel
import pytest

from transom import CallContext, Commands
from transom._call import streams
from transom.testing import InvokeError, TestApp, TestStream, TestWindow

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


@asynccontextmanager
async def group(_: CallContext) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep_forever)
        yield


@asynccontextmanager
async def scope(_: CallContext) -> AsyncIterator[None]:
    with anyio.move_on_after(600):
        yield


@asynccontextmanager
async def shield(ctx: CallContext) -> AsyncIterator[None]:
    with ctx.shield(600):
        yield


@asynccontextmanager
async def nested(ctx: CallContext) -> AsyncIterator[None]:
    with anyio.CancelScope():
        async with group(ctx), scope(ctx):
            yield


@asynccontextmanager
async def asyncio_group(_: CallContext) -> AsyncIterator[None]:
    async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.sleep(600))
        yield


WAYS = [group, scope, shield, nested, asyncio_group]
Way = Callable[[CallContext], AbstractAsyncContextManager[None]]


class Source:
    """The stream command `count`, which yields inside the scopes of one of `WAYS`."""

    def __init__(self, commands: Commands, way: Way) -> None:
        self.produced = 0
        self.closed = False
        self.outlasts = False
        self.pause = 0.0

        @commands.command()
        async def count(ctx: CallContext) -> AsyncIterator[int]:
            try:
                async with way(ctx):
                    while True:
                        self.produced += 1
                        yield self.produced - 1
                        if self.pause:
                            await anyio.sleep(self.pause)
            finally:
                await anyio.sleep(600 if self.outlasts else 0.01)
                self.closed = True

        @commands.command()
        async def lives() -> str:
            await anyio.lowlevel.checkpoint()
            return "yes"


@pytest.fixture(params=WAYS)
def source(request: pytest.FixtureRequest, commands: Commands, anyio_backend_name: str) -> Source:
    if request.param is asyncio_group and anyio_backend_name == "trio":
        pytest.skip("trio has no groups of asyncio's")
    return Source(commands, request.param)


@pytest.fixture
def complaints(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    return lambda: [it.getMessage() for it in caplog.records if it.levelno >= logging.WARNING]


async def begun(window: TestWindow) -> TestStream:
    """A stream of `count` whose first items are here."""
    stream = window.stream("count", buffer=4)
    assert [await anext(stream) for _ in range(3)] == [0, 1, 2]
    return stream


async def test_a_stream_that_is_left_while_it_waits_for_credit_ends_its_scopes_in_order(
    commands: Commands, source: Source, complaints: Callable[[], list[str]], wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app:
        main = app.window()
        stream = await begun(main)
        await wait_for(lambda: source.produced > 4)
        await stream.aclose()
        assert await stream.released() == "cancelled"
        assert source.closed
        assert await main.invoke("lives") == "yes"
    assert complaints() == []


async def test_a_stream_that_is_left_while_it_runs_ends_its_scopes_in_order(
    commands: Commands, source: Source, complaints: Callable[[], list[str]]
) -> None:
    source.pause = 0.001
    async with TestApp(commands) as app:
        main = app.window()
        stream = await begun(main)
        await stream.aclose()
        assert await stream.released() == "cancelled"
        assert await main.invoke("lives") == "yes"
    assert complaints() == []


async def test_clean_up_that_takes_too_long_is_cut_off(
    commands: Commands, source: Source, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(streams, "CLEAN_UP", 0.01)
    source.outlasts = True
    async with TestApp(commands) as app:
        main = app.window()
        stream = await begun(main)
        await wait_for(lambda: source.produced > 4)
        await stream.aclose()
        assert await stream.released() == "cancelled"
        assert not source.closed
        assert await main.invoke("lives") == "yes"


async def test_an_item_that_cannot_be_sent_ends_the_stream_with_its_error(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clean-up after it is cut off."""
    monkeypatch.setattr(streams, "CLEAN_UP", 0.01)

    @commands.command()
    async def wrong(ctx: CallContext, body: float) -> AsyncIterator[int]:
        try:
            async with nested(ctx):
                yield "no number"  # type: ignore[misc]
        finally:
            await anyio.sleep(body)

    async with TestApp(commands) as app:
        main = app.window()
        for seconds in (0, 600):
            with pytest.raises(InvokeError) as caught:
                await anext(main.stream("wrong", seconds))
            assert caught.value.code == "result-not-serializable"
