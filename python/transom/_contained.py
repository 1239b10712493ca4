"""Keeps an asyncio loop alive when one of its tasks calls `sys.exit()`.

A task keeps `SystemExit` and `KeyboardInterrupt` as its outcome and also raises them in the loop,
which ends it with all others. Wrapped in a group they are the outcome and no more. The tasks of
commands catch all that comes; this is for tasks that a command starts.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

Work = Coroutine[Any, Any, Any]
Factory = Callable[..., Any]


class Contained(Coroutine[Any, Any, Any]):
    """A coroutine out of which an exit comes in a group.

    Not an `async def` around it: a task that is cancelled before its first step would leave the
    inner one behind, and Python would warn that nobody awaited it.
    """

    __slots__ = ("_inner",)

    def __init__(self, inner: Work) -> None:
        self._inner = inner

    def send(self, value: Any, /) -> Any:
        try:
            return self._inner.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise grouped(error) from None

    def throw(self, *args: Any) -> Any:
        try:
            return self._inner.throw(*args)
        except (SystemExit, KeyboardInterrupt) as error:
            raise grouped(error) from None

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()

    def __getattr__(self, name: str) -> Any:
        # `cr_frame` and the like, by which anyio sees whether a task has begun.
        return getattr(self._inner, name)


def grouped(error: BaseException) -> BaseException:
    return BaseExceptionGroup("a task exited", [error])


def factory_of(loop: asyncio.AbstractEventLoop) -> Factory:
    """How this loop makes its tasks."""
    return loop.get_task_factory() or plain


def plain(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> asyncio.Task[Any]:
    return asyncio.Task(work, loop=loop, **kwargs)


def contain(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Contains the tasks that are made on this loop from now on. The result ends that."""
    before, make = loop.get_task_factory(), factory_of(loop)

    def make_contained(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> Any:
        return make(loop, Contained(work), **kwargs)

    def release() -> None:
        if loop.get_task_factory() is make_contained:
            loop.set_task_factory(before)

    loop.set_task_factory(make_contained)
    return release
