"""Keeps asyncio tasks waiting for calls, which saves each call a new task and a loop turn."""

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

from .._native import Call


class TaskSlot:
    """Makes a task wait for one call, as asyncio's tasks wait for a future.

    A task that waits in a `Future` is woken in the next turn of the loop. `give` makes it take its
    next step on the spot, from a callback of the loop, so a call costs neither a new task nor a
    turn. asyncio names the protocol by which tasks know futures of other makes:
    `asyncio.isfuture` and `_asyncio_future_blocking`.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_context",
        "_given",
        "_loop",
        "_wake",
        "call",
        "cancelled",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self.call: Call | None = None
        """The call that was given."""
        self._given = False
        self.cancelled = False
        """Whether the waiting task was cancelled, so that it can take no call."""
        self._wake: Callable[[Any], object] | None = None
        self._context: Context | None = None

    def __await__(self) -> Generator["TaskSlot", None, Call | None]:
        if not self._given:
            self._asyncio_future_blocking = True
            yield self
        return self.call

    def give(self, call: Call | None) -> None:
        """Resumes the waiting task with `call` until it waits again. `None` ends it.

        Only from a callback of the loop: a task cannot step another one.
        """
        self.call, self._given = call, True
        wake, context = self._wake, self._context
        if wake is not None and context is not None:
            # The task holds the slot and the slot the task: a cycle that only the collector ends.
            self._wake = self._context = None
            context.run(wake, self)

    # What a task asks of a future.

    def add_done_callback(
        self, wake: Callable[[Any], object], /, *, context: Context | None = None
    ) -> None:
        self._wake, self._context = wake, context

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def cancel(self, msg: str | None = None) -> bool:
        self.cancelled = True
        # Once: a second step would be that of a task which has ended, or waits for something else.
        wake, self._wake = self._wake, None
        if wake is not None:
            self._loop.call_soon(wake, self, context=self._context)
        return True

    def result(self) -> None:
        if self.cancelled:
            raise asyncio.CancelledError
