"""Test app: streams; `journal` records how they ended, `produced` how many items they made.

Both are files: some of the streams are in worker processes.
"""

import os
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import aclosing
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import anyio
import anyio.lowlevel
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

from transom import (
    AppHandle,
    CallContext,
    Commands,
    InvokeException,
    ProcessPool,
    builder_factory,
    context_factory,
)

HERE = Path(__file__).parent
JOURNAL = HERE / "journal.txt"
PRODUCED = HERE / "produced"
commands = Commands()


class Line(BaseModel):
    number: int
    text: str


def note(line: str) -> None:
    with JOURNAL.open("a") as journal:
        journal.write(line + "\n")


@cache
def counter(name: str) -> int:
    PRODUCED.mkdir(exist_ok=True)
    return os.open(PRODUCED / name, os.O_CREAT | os.O_WRONLY)


def count_up(name: str, number: int) -> None:
    os.pwrite(counter(name), number.to_bytes(8), 0)


class Order(BaseModel):
    name: str
    count: int = 1 << 40
    size: int = 0
    pause: float = 0.0
    fails_at: int | None = None


@commands.command("journal")
async def read_journal() -> list[str]:
    return JOURNAL.read_text().splitlines() if JOURNAL.exists() else []


@commands.command("produced")
async def read_produced(body: str) -> int:
    path = PRODUCED / body
    return int.from_bytes(path.read_bytes()) if path.exists() else 0


@commands.command()
async def host(app_handle: AppHandle) -> dict[str, Any]:
    calls = [c.command for c in app_handle.calls()]
    return {"calls": [name for name in calls if name not in ("host", "produced", "journal")]}


def item(order: Order, number: int) -> str:
    count_up(order.name, number + 1)
    if number == order.fails_at:
        raise InvokeException("told to fail")
    return f"{number:<{order.size}}"


@commands.command()
async def count(body: Order) -> AsyncIterator[str]:
    try:
        for number in range(body.count):
            if body.pause:
                await anyio.sleep(body.pause)
            yield item(body, number)
    finally:
        note(f"{body.name} finally")
        with anyio.CancelScope(shield=True):
            await anyio.sleep(0.01)
        note(f"{body.name} closed")


@commands.command()
def count_in_thread(body: Order) -> Iterator[str]:
    try:
        for number in range(body.count):
            time.sleep(body.pause)
            yield item(body, number)
    finally:
        note(f"{body.name} closed")


@commands.command(total_timeout=1.0)
async def count_briefly(body: Order) -> AsyncIterator[str]:
    async with aclosing(cast("AsyncGenerator[str]", count(body))) as items:
        async for text in items:
            yield text


@commands.command(concurrency=1)
async def count_alone(body: Order) -> AsyncIterator[str]:
    async for text in count(body):
        yield text


@commands.command()
async def lines(body: int) -> AsyncIterable[Line]:
    for number in range(body):
        yield Line(number=number, text="x" * 20)


@commands.command()
async def chunks(body: list[int]) -> AsyncIterator[bytes]:
    for size in body:
        yield bytes(i % 256 for i in range(size))


@commands.command()
def plain_list(body: int) -> Iterator[int]:
    return iter(range(body))


@commands.command()
async def opened(body: int) -> AsyncIterator[int]:
    await anyio.lowlevel.checkpoint()
    return integers(body)


async def integers(n: int) -> AsyncIterator[int]:
    for number in range(n):
        yield number


@commands.command()
async def wrong(body: int) -> AsyncIterator[int]:
    yield body
    yield "no number"  # pyright: ignore[reportReturnType]


@commands.command()
async def exits() -> AsyncIterator[int]:
    yield 1
    sys.exit(3)


@commands.command()
async def steps(body: int, ctx: CallContext) -> AsyncIterator[int]:
    for number in range(body):
        ctx.progress(number + 1, body)
        yield number


@commands.command()
async def ticks(body: str) -> AsyncIterator[int]:
    """Never ends, and never waits for anything but the loop."""
    number = 0
    try:
        while True:
            number += 1
            count_up(body, number)
            yield number
    finally:
        note(f"{body} closed")


@commands.command()
async def one() -> int:
    note("one ran")
    return 1


commands.command("count_in_process", executor="process")(count_in_thread)
commands.command("count_on_the_loop_of_a_process", executor="process")(count)
commands.command("ticks_in_process", executor="process")(ticks)
commands.command("lines_in_process", executor="process")(lines)
commands.command("chunks_in_process", executor="process")(chunks)
commands.command("wrong_in_process", executor="process")(wrong)
commands.command("one_in_process", executor="process")(one)

if __name__ == "__main__":
    backend = cast("Literal['asyncio', 'trio']", os.environ.get("PORTAL", "asyncio"))
    # On a machine with much to do a worker may take its time to come to its clean-up.
    pool = ProcessPool(workers=2, backend=backend, grace=20.0, start_timeout=300.0)
    with start_blocking_portal(backend) as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal, executors={"process": pool}),
        )
        sys.exit(app.run_return())
