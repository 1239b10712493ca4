"""Tracks the system tasks and async generators that commands leave on a trio loop, and contains
what the former raise, and the tasks that commands start in a nursery that is not theirs.
"""

import logging
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, cast

import trio
import trio.lowlevel

from .._observe.failures import report
from .generators import AsyncGenerators
from .trio_scopes import guarded

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
        nursery = task.parent_nursery
        if nursery is None or not self._of_the_app.get():
            return
        # It has not begun yet.
        if nursery is self._nursery:
            task.context.run(self._of_the_app.set, True)
            task.coro = self._in_scope(task.coro, task.name)
        elif nursery.cancel_scope in guarded:
            task.coro = contained(task.coro, "the task", task.name)

    async def _in_scope(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        with trio.CancelScope() as scope:
            self._scopes[scope] = name
            try:
                await contained(work, "the system task", name)
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


async def contained(work: Coroutine[Any, Any, Any], kind: str, name: str) -> None:
    """Awaits it, and logs what it raises: trio would end with all its tasks."""
    try:
        await work
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001
        cancels, failure = parted(error)
        if failure is not None:
            report(log, "%s `%s` raised", kind, name, error=failure)
        if cancels is not None:
            raise cancels from None


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
