"""Tracks the system tasks and async generators that commands leave on a trio loop, and contains
what the former raise.
"""

import logging
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, cast

import trio
import trio.lowlevel

from .._observe.failures import report
from .generators import AsyncGenerators

log = logging.getLogger("transom")
ends = trio.lowlevel.RunVar["Ends"]("transom_ends")


class Ends(trio.abc.Instrument):
    """Runs the app's system tasks in scopes by which they can be cancelled before the loop ends."""

    def __init__(self, of_the_app: ContextVar[bool]) -> None:
        """To be called on the loop."""
        # What is above all system tasks has no name in trio's interface.
        self._nursery = trio.lowlevel.spawn_system_task(trio.lowlevel.checkpoint).parent_nursery
        self._of_the_app = of_the_app
        self._scopes = dict[trio.CancelScope, str]()
        self._ended: trio.Event | None = None
        self.generators = AsyncGenerators(of_the_app, shared=True)
        self.generators.watch()

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        # It has not begun yet.
        if task.parent_nursery is self._nursery and self._of_the_app.get():
            task.context.run(self._of_the_app.set, True)
            task.coro = self._in_scope(task.coro, task.name)

    async def _in_scope(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        with trio.CancelScope() as scope:
            self._scopes[scope] = name
            try:
                await work
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001
                # Trio would end with all its tasks.
                cancels, failure = parted(error)
                if failure is not None:
                    report(log, "the system task `%s` raised", name, error=failure)
                if cancels is not None:
                    raise cancels from None
            finally:
                del self._scopes[scope]
                if self._ended is not None and not self._scopes:
                    self._ended.set()

    async def cancel(self, patience: float) -> list[str]:
        """Cancels the system tasks. Returns the names of those that are left after `patience`."""
        for scope in self._scopes:
            scope.cancel()
        if self._scopes:
            self._ended = trio.Event()
            with trio.move_on_after(patience):
                await self._ended.wait()
        return list(self._scopes.values())


def parted(error: BaseException) -> tuple[BaseException | None, BaseException | None]:
    """What of an exception is trio's cancel, and what is not."""
    if isinstance(error, BaseExceptionGroup):
        return cast("BaseExceptionGroup[Any]", error).split(trio.Cancelled)
    return (error, None) if isinstance(error, trio.Cancelled) else (None, error)


def watch_trio(of_the_app: ContextVar[bool]) -> None:
    """Knows what is left on the running loop from now on."""
    try:
        ends.get().generators.watch()
    except LookupError:
        here = Ends(of_the_app)
        ends.set(here)
        trio.lowlevel.add_instrument(here)
