"""Calls the callbacks of an app: plain ones on a thread, `async def` ones on the portal."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, TypeAlias

from anyio import CancelScope, Event, get_cancelled_exc_class
from anyio.from_thread import BlockingPortal

from . import _fork
from ._contained import of_the_app
from ._native import take_callback

_LIMIT = 1024
"""Async callbacks that may run at once; one more is refused."""

PLAIN = 0
"""The lane of plain functions; the other one is of those that are `async`."""

_NO_PORTAL = (
    "%r is an async callback and needs a portal to run on: give one to"
    " `generate_handler(portal)` and keep it open while the app runs, or use a plain `def`"
)

_logger = logging.getLogger("transom")

AsyncCallback: TypeAlias = Callable[..., Awaitable[object]]
Done: TypeAlias = Callable[[bool, object], None]
"""Called once per callback: whether it succeeded, and what it returned."""


class _Starter:
    """Counts what runs, so that a flood of events cannot pile up tasks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._running = 0
        self._tasks = set[asyncio.Task[None]]()
        """Those on asyncio, beside the tasks of the portal, which waits for each of its own."""
        self._scopes = set[CancelScope]()
        """Those on trio."""
        self._ended: Event | None = None

    def set_portal(self, portal: BlockingPortal | None, /) -> None:
        """Choose where `async def` callbacks run; `None` when the portal ends."""
        with self._lock:
            self._portal = portal

    def start(self, func: AsyncCallback, args: tuple[object, ...], done: Done, /) -> None:
        """Run `await func(*args)` on the portal, then call `done`. Never raises, never waits."""
        with self._lock:
            portal = self._portal
            admitted = portal is not None and self._running < _LIMIT
            self._running += admitted
        if portal is None:
            _logger.error(_NO_PORTAL, func)
            done(False, None)
        elif not admitted:
            _logger.error("%r was not called: %d async callbacks run already", func, _LIMIT)
            done(False, None)
        else:
            try:
                portal.start_task_soon(self._launch, func, args, done)
            except BaseException:
                self._finished()
                _logger.exception("%r could not be started on the portal", func)
                done(False, None)

    def _launch(
        self, func: AsyncCallback, args: tuple[object, ...], done: Done
    ) -> Awaitable[None] | None:
        """On the loop. What it gives is awaited by a task of the portal."""
        of_the_app.set(True)
        work = self._run(func, args, done)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._run_in_scope(work)
        task = loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    async def _run_in_scope(self, work: Awaitable[None]) -> None:
        with CancelScope() as scope:
            self._scopes.add(scope)
            try:
                await work
            finally:
                self._scopes.discard(scope)
                if self._ended is not None and not self._scopes:
                    self._ended.set()

    def tasks(self, loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[None]]:
        """The callbacks that run on this loop of asyncio."""
        return {task for task in self._tasks if task.get_loop() is loop}

    def cancel(self) -> None:
        """Cancels those that run on trio."""
        for scope in self._scopes:
            scope.cancel()

    async def ended(self) -> None:
        """Waits until none runs on trio."""
        self._ended = Event()
        if self._scopes:
            await self._ended.wait()

    async def _run(self, func: AsyncCallback, args: tuple[object, ...], done: Done) -> None:
        succeeded, value = False, None
        try:
            value = await func(*args)
            if _fork.forked:
                _fork.leave()
            succeeded = True
        except BaseException as error:
            if _fork.forked:
                _fork.leave(error)
            if isinstance(error, get_cancelled_exc_class()):
                raise
            # Also SystemExit and GeneratorExit: nothing that a callback raises may end the portal.
            _logger.exception("a callback failed: %r", func)
        finally:
            self._finished()
            done(succeeded, value)

    def _finished(self) -> None:
        with self._lock:
            self._running -= 1


_starter = _Starter()
set_portal = _starter.set_portal
start = _starter.start
tasks = _starter.tasks
cancel = _starter.cancel
ended = _starter.ended


def serve(lane: int, name: str) -> None:
    """Starts the thread of a lane of callbacks; called by the native side with the first one."""
    work = call if lane == PLAIN else start
    threading.Thread(target=_serve, args=(lane, work), name=name, daemon=True).start()


def _serve(lane: int, work: Callable[[Any, tuple[Any, ...], Done], None]) -> None:
    while True:
        try:
            errand = take_callback(lane)
        except BaseException:
            _logger.exception("an event was lost")
            continue
        if errand is None:
            return
        try:
            work(*errand)
        except BaseException:
            _logger.exception("a callback failed")
        finally:
            del errand


def call(func: Callable[..., object], args: tuple[object, ...], done: Done, /) -> None:
    """Runs a plain callback, in a context of its own. Never raises."""
    succeeded, value = False, None
    try:
        value = Context().run(func, *args)
        if _fork.forked:
            _fork.leave()
        succeeded = True
    except BaseException as error:
        if _fork.forked:
            _fork.leave(error)
        _logger.exception("a callback failed: %r", func)
    finally:
        done(succeeded, value)
