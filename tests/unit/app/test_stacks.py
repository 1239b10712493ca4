"""Tests what the log shows of code that waits."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest

from transom._executors.switching import has_lock
from transom._observe.stacks import NOWHERE, describe_coroutine, describe_thread

Work = Callable[[threading.Event, threading.Event], None]
"""Says when it is inside, and works until it is over."""


async def wait_there() -> None:
    await asyncio.sleep(600)


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


def count(inside: threading.Event, over: threading.Event) -> None:
    inside.set()
    number = 0
    while not over.is_set():
        number += 1


def recurse(inside: threading.Event, over: threading.Event, depth: int = 30) -> None:
    inside.set()
    for _ in iter(over.is_set, True):
        if depth == 0:
            return
        recurse(inside, over, depth - 1)


def doze(inside: threading.Event, over: threading.Event) -> None:
    inside.set()
    over.wait(600)


@contextmanager
def thread_that(work: Work) -> Iterator[int]:
    inside, over = threading.Event(), threading.Event()
    running = threading.Thread(target=work, args=(inside, over), daemon=True)
    running.start()
    try:
        # A thread that was started may not have come to its work yet.
        assert inside.wait(120)
        yield running.ident or 0
    finally:
        over.set()
        running.join(120)
    assert not running.is_alive()


@pytest.mark.skipif(
    sys.version_info < (3, 14) and not has_lock(),
    reason="in the free-threaded CPython 3.13 to read a stack that changes ends the process",
)
@pytest.mark.parametrize("work", [count, recurse, doze])
def test_a_thread_shows_what_it_does_in_python_and_in_c(
    work: Work,
) -> None:
    with thread_that(work) as thread:
        for _ in range(3):
            assert f"in {work.__name__}\n" in describe_thread(thread)


def test_a_thread_that_is_gone_is_nowhere() -> None:
    with thread_that(doze) as thread:
        pass
    assert describe_thread(thread) == describe_thread(None) == NOWHERE
