"""What the log shows of code that waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from transom._stacks import describe_coroutine


async def wait_there() -> None:
    await asyncio.sleep(30)


async def items() -> AsyncIterator[int]:
    yield 1
    await wait_there()


async def closing_items() -> AsyncIterator[int]:
    try:
        yield 1
    finally:
        await wait_there()


def test_a_coroutine_shows_what_it_waits_for_through_async_generators() -> None:
    async def loop() -> None:
        async for _ in items():
            pass

    async def close() -> None:
        source = closing_items()
        await anext(source)
        await source.aclose()  # pyright: ignore[reportAttributeAccessIssue]

    async def look() -> None:
        for work, name in ((loop(), "items"), (close(), "closing_items")):
            task = asyncio.create_task(work)
            await asyncio.sleep(0.01)
            stack = describe_coroutine(work)
            names = [line.split()[-1] for line in stack.splitlines() if ", in " in line]
            assert names[1:] == [name, "wait_there", "sleep"]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(look())
