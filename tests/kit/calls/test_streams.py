"""Tests `window.stream`: order, credit, and every way in which a stream ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest

from transom import CallContext, Commands, Limits
from transom.testing import InvokeError, TestApp, TestStream, TestWindow

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


class Source:
    """Counts from 0 for the stream commands `count` and `count_in_thread`."""

    def __init__(self, commands: Commands) -> None:
        self.produced = 0
        self.closed = False
        self.until: int | None = None

        @commands.command()
        async def count() -> AsyncIterator[int]:
            try:
                while self.produced != self.until:
                    self.produced += 1
                    yield self.produced - 1
                raise ValueError("told to fail")
            finally:
                await anyio.sleep(0.01)
                self.closed = True

        @commands.command()
        def count_in_thread() -> Iterator[int]:
            try:
                while self.produced != self.until:
                    self.produced += 1
                    yield self.produced - 1
                raise ValueError("told to fail")
            finally:
                self.closed = True


@pytest.fixture
def source(commands: Commands) -> Source:
    return Source(commands)


@pytest.fixture(params=["count", "count_in_thread"])
def count(request: pytest.FixtureRequest) -> str:
    return request.param


async def take(stream: TestStream, n: int) -> list[Any]:
    return [await anext(stream) for _ in range(n)]


async def collect(stream: TestStream) -> tuple[list[Any], InvokeError | None]:
    """The items, and the error after them."""
    items = list[Any]()
    try:
        async for item in stream:
            items.append(item)
    except InvokeError as error:
        return items, error
    return items, None


async def stays(source: Source, n: int) -> None:
    """Sees that the generator goes no further."""
    for _ in range(10):
        await anyio.sleep(0.005)
        assert source.produced <= n


async def test_two_thousand_items_come_in_order_before_the_error(
    commands: Commands, source: Source, count: str
) -> None:
    source.until = 2000
    async with TestApp(commands) as app:
        stream = app.window("main").stream(count)
        items, error = await collect(stream)
        assert items == list(range(2000))
        assert error is not None
        assert (error.code, error.message) == (
            "command-error",
            "ValueError('told to fail')",
        )
        assert source.closed
        assert await collect(stream) == ([], None), "the error comes once"
        assert await stream.released() == "finished"


async def test_items_are_encoded_as_their_type(commands: Commands) -> None:
    @commands.command()
    async def chunks(body: list[int]) -> AsyncIterator[bytes]:
        for size in body:
            yield bytes(i % 256 for i in range(size))

    @commands.command()
    async def words(body: str) -> AsyncIterator[dict[str, str | None]]:
        for word in body.split():
            yield {"word": word, "next": None}

    async with TestApp(commands) as app:
        main, sizes = app.window("main"), [0, 1, 300, 70_000, 0, 300_000]
        items, error = await collect(main.stream("chunks", sizes))
        assert (items, error) == ([bytes(i % 256 for i in range(size)) for size in sizes], None)
        items, error = await collect(main.stream("words", "one two"))
        assert items == [{"word": "one", "next": None}, {"word": "two", "next": None}]
        _, error = await collect(main.stream("nope"))
        assert error is not None
        assert error.code == "unknown-command"


async def test_a_buffer_of_one_is_lock_step(
    commands: Commands, source: Source, count: str, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app, app.window("main").stream(count, buffer=1) as stream:
        for n in range(4):
            await wait_for(lambda n=n: source.produced >= n + 2)
            await stays(source, n + 2)
            assert await take(stream, 1) == [n]


async def test_the_default_credit_is_1024_items(
    commands: Commands, source: Source, count: str, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app, app.window("main").stream(count) as stream:
        await wait_for(lambda: source.produced == 1025)
        await stays(source, 1025)
        assert await take(stream, 1024) == list(range(1024))
        await wait_for(lambda: source.produced > 1025)
        await stays(source, 2049)


async def test_credit_comes_back_as_the_loop_takes(
    commands: Commands, source: Source, count: str, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app, app.window("main").stream(count, buffer=10) as stream:
        await wait_for(lambda: source.produced == 11)
        for taken in range(1, 13):
            await take(stream, 1)
            await stays(source, taken + 11)
        await wait_for(lambda: source.produced > 12 + 4)


async def test_conflate_keeps_the_latest(commands: Commands, wait_for: WaitFor) -> None:
    gate, produced = threading.Event(), threading.Event()

    @commands.command()
    def ticks() -> Iterator[int]:
        yield 0
        gate.wait(120)
        yield from range(1, 3000)
        produced.set()

    async with TestApp(commands) as app:
        stream = app.window("main").stream("ticks", conflate=True)
        assert await take(stream, 1) == [0]
        gate.set()
        await wait_for(produced.is_set)
        assert await collect(stream) == ([2999], None)


async def test_aclose_runs_finally(commands: Commands, source: Source, count: str) -> None:
    async with TestApp(commands) as app:
        stream = app.window("main").stream(count)
        assert await take(stream, 5) == list(range(5))
        await stream.aclose()
        assert source.closed
        assert await collect(stream) == ([], None)
        assert await stream.released() == "cancelled"
        await stream.aclose()


async def leave_by_break(window: TestWindow, command: str) -> None:
    async for item in window.stream(command):
        if item == 5:
            break


async def leave_by_error(window: TestWindow, command: str) -> None:
    with contextlib.suppress(KeyError):
        async for _ in window.stream(command):
            raise KeyError


async def leave_by_cancel(window: TestWindow, command: str) -> None:
    with anyio.CancelScope() as scope:
        async for item in window.stream(command, buffer=1):
            if item == 5:
                scope.cancel()


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_error, leave_by_cancel])
async def test_leaving_the_loop_closes_the_generator(
    commands: Commands,
    source: Source,
    count: str,
    wait_for: WaitFor,
    leave: Callable[[TestWindow, str], Awaitable[None]],
) -> None:
    async with TestApp(commands) as app:
        await leave(app.window("main"), count)
        await wait_for(lambda: source.closed and not app.calls())


async def test_cancelling_the_wait_for_an_item_closes_the_generator(
    commands: Commands, wait_for: WaitFor
) -> None:
    closed = list[bool]()

    @commands.command()
    async def one() -> AsyncIterator[int]:
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            closed.append(True)

    async with TestApp(commands) as app:
        stream = app.window("main").stream("one")
        assert await take(stream, 1) == [1]
        with anyio.move_on_after(0.1):
            await anext(stream)
        await wait_for(lambda: closed and not app.calls())


@pytest.mark.parametrize("end", ["close", "reload"])
async def test_a_stream_ends_with_its_page(
    commands: Commands, source: Source, count: str, wait_for: WaitFor, end: str
) -> None:
    async with TestApp(commands, limits=Limits(calls_per_window=1)) as app:
        main = app.window("main")
        stream, held = main.stream(count, buffer=2), main.stream(count)
        assert await take(stream, 3) == [0, 1, 2]
        getattr(main, end)()
        for each in (stream, held):
            items, error = await collect(each)
            assert len(items) <= 2
            assert error is not None
            assert error.code == "window-closed"
        await wait_for(lambda: source.closed and not app.calls())


async def test_the_end_of_the_app_ends_streams(commands: Commands, source: Source) -> None:
    async with TestApp(commands) as app:
        stream = app.window("main").stream("count")
        await take(stream, 1)
    assert source.closed
    _, error = await collect(stream)
    assert error is not None


async def test_the_timeout_is_each_items(commands: Commands) -> None:
    @commands.command()
    async def stalls() -> AsyncIterator[int]:
        yield 1
        await anyio.sleep_forever()

    async with TestApp(commands) as app:
        for timeout in (1.0, 4.0, 16.0, 64.0):
            items, error = await collect(app.window("main").stream("stalls", timeout=timeout))
            assert error is not None
            assert error.code == "deadline-exceeded"
            if items:  # on a busy machine not even the first may come in time
                break
        assert items == [1]


async def test_progress_of_a_stream(commands: Commands) -> None:
    @commands.command()
    async def steps(ctx: CallContext) -> AsyncIterator[int]:
        for n in range(3):
            ctx.progress(n + 1, 3)
            yield n

    async with TestApp(commands) as app:
        told = list[float]()
        stream = app.window("main").stream("steps", on_progress=lambda it: told.append(it.done))
        assert await collect(stream) == ([0, 1, 2], None)
        assert told[-1] == 3


async def test_a_buffer_out_of_range_is_refused(commands: Commands, source: Source) -> None:
    async with TestApp(commands) as app:
        for buffer in (0, 1025):
            with pytest.raises(ValueError, match="1 to 1024 items"):
                app.window(f"window-{buffer}").stream("count", buffer=buffer)
        assert source.produced == 0
