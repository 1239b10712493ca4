"""Tracks the async generators that commands and callbacks have begun on an event loop.

A loop closes all generators before it ends, and waits for as long as their clean-up takes.
"""

import asyncio
import logging
import sys
from asyncio import gather
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar, copy_context
from typing import Any, cast
from weakref import WeakSet

from anyio import get_cancelled_exc_class

from .._observe.failures import report

Generator = AsyncGenerator[Any, Any]
Hook = Callable[[Generator], object]

log = logging.getLogger("transom")


class AsyncGenerators:
    """The async generators of one loop that the app has begun, and that have not ended."""

    def __init__(self, of_the_app: ContextVar[bool], *, shared: bool) -> None:
        """`shared`: the loop is to hear of them too."""
        self._of_the_app = of_the_app
        self._shared = shared
        self._begun = WeakSet[Generator]()
        self._keys = set[int]()
        """Their `id`: a generator that is freed is in no `WeakSet` any more. Whatever has begun
        later at the same place has replaced it.
        """
        self.to_close = True
        """Whether the end of the loop closes them."""
        self._begin: Hook = ignore
        self._free: Hook = ignore

    def watch(self) -> None:
        """Notes them from now on. To be called on the thread of the loop, while it runs."""
        begin, free = sys.get_asyncgen_hooks()
        if begin != self._note:
            self._begin, self._free = begin or ignore, free or ignore
            sys.set_asyncgen_hooks(self._note, self._let_go)

    def _note(self, generator: Generator) -> None:
        ours = self._of_the_app.get()
        if ours:
            self._begun.add(generator)
            self._keys.add(id(generator))
        else:
            self._keys.discard(id(generator))
        if self._shared or not ours:
            self._begin(generator)

    def _let_go(self, generator: Generator) -> None:
        """Lets the loop close a generator that nobody refers to, as part of the app."""
        if id(generator) in self._keys:
            self._keys.discard(id(generator))
            context = copy_context()
            context.run(self._of_the_app.set, True)
            context.run(self._free, generator)
        else:
            self._free(generator)

    def take(self) -> list[Generator]:
        """Those that wait at a `yield`. Who takes them has to close them."""
        found = [it for it in self._begun if waits(it)]
        self._begun.clear()
        return found


def waits(generator: Generator) -> bool:
    """Whether it is at a `yield`. One that is not written in Python may not tell."""
    running = getattr(generator, "ag_running", False)
    return not running and getattr(generator, "ag_frame", generator) is not None


def ignore(_: Generator) -> None:
    pass


def watch_asyncio(loop: asyncio.AbstractEventLoop, of_the_app: ContextVar[bool]) -> None:
    """Knows the generators of this running loop from now on, and closes them with its own.

    The loop does not hear of them: those that uvloop knows cannot be taken away from it again.
    """
    attributes = cast("Any", loop)
    if not hasattr(loop, "_transom_generators"):
        attributes._transom_generators = AsyncGenerators(of_the_app, shared=False)
        shut_down = attributes.shutdown_asyncgens

        async def shutdown_asyncgens() -> None:
            await shut_down()
            if attributes._transom_generators.to_close:
                await gather(*map(close, take(loop)))

        attributes.shutdown_asyncgens = shutdown_asyncgens
    attributes._transom_generators.watch()


def take(loop: asyncio.AbstractEventLoop) -> list[Generator]:
    """The generators that the app has left on this loop."""
    generators = getattr(loop, "_transom_generators", None)
    return [] if generators is None else generators.take()


def stop_closing(loop: asyncio.AbstractEventLoop) -> None:
    """Has the end of the loop close no generator that the app begins from here on."""
    if (generators := getattr(loop, "_transom_generators", None)) is not None:
        generators.to_close = False


async def close(generator: Generator) -> None:
    try:
        await generator.aclose()
    except BaseException as error:
        if isinstance(error, get_cancelled_exc_class()):
            raise
        # An exit would end the loop.
        report(log, "the async generator `%s` raised at its end", name_of(generator), error=error)


def name_of(generator: Generator) -> str:
    return getattr(generator, "__qualname__", repr(generator))
