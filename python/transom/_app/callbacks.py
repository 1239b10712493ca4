"""Calls the app's callbacks: plain ones on a thread, `async def` ones on the portal."""

import asyncio
import inspect
import logging
import threading
from asyncio import get_running_loop, wait
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any, Protocol, TypeAlias

from anyio import CancelScope, Event, get_cancelled_exc_class, move_on_after
from anyio.from_thread import BlockingPortal

from .. import _fork, _swapping
from .._call.interrupt import here
from .._commands.signatures import name_of
from .._commands.unawaited import check_returned
from .._loops.contained import of_the_app
from .._loops.threads import start_thread
from .._native import take_callback
from .._observe.causes import is_a
from .._observe.failures import report
from ..errors import UnawaitedError

_LIMIT = 1024
"""How many async callbacks may run at once. One more is refused."""

PLAIN = 0
"""The number of the lane for plain functions. The other lane is for `async` ones."""

_NO_PORTAL = (
    "%r is an async callback and needs a portal to run on: give one to"
    " `generate_handler(portal)` and keep it open while the app runs, or use a plain `def`"
)

_logger = logging.getLogger("transom")

AsyncCallback: TypeAlias = Callable[..., Awaitable[object]]

_ASYNC = "Make it an `async def` that awaits it."


class Done(Protocol):
    """Called once for each callback, with whether it succeeded and what it returned."""

    bounded: bool
    """Whether something else limits how many of these run at once."""

    def __call__(self, succeeded: bool, value: object, /) -> None: ...

    def is_first_unawaited(self) -> bool:
        """Notes that the result should have been awaited. True: for the first time."""
        ...


Errand: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], Done]
"""A callback, its arguments, and what to call at its end."""


def is_async(func: Callable[..., Any], /) -> bool:
    """Whether a callback has to be awaited.

    Raises:
        ValueError: It is an async generator, of which nothing would run.
    """
    kinds = (func, getattr(func, "__call__", None))  # noqa: B004 - the method, not whether there is one
    if any(map(inspect.isasyncgenfunction, kinds)):
        raise ValueError(
            f"nobody iterates what a callback returns, so nothing of `{name_of(func)}` would run: "
            "write it without `yield`"
        )
    return any(map(inspect.iscoroutinefunction, kinds))


class Starter:
    """Starts `async def` callbacks, and limits how many run at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._running = 0
        self._tasks = set[asyncio.Task[None]]()
        """The callbacks that run as asyncio tasks outside the portal, which waits for its own."""
        self._scopes = set[CancelScope]()
        """The cancel scopes of the callbacks that run on trio."""
        self._ended: Event | None = None

    def set_portal(self, portal: BlockingPortal | None, /) -> None:
        """Choose where `async def` callbacks run; `None` when the portal ends."""
        with self._lock:
            self._portal = portal

    def start(self, func: AsyncCallback, args: tuple[object, ...], done: Done, /) -> None:
        """Run `await func(*args)` on the portal, then call `done`. Never raises, never waits."""
        with self._lock:
            portal = self._portal
            counts = not done.bounded
            admitted = portal is not None and (not counts or self._running < _LIMIT)
            self._running += admitted and counts
        if portal is None:
            report(_logger, _NO_PORTAL, func)
            done(False, None)
        elif not admitted:
            report(_logger, "%r was not called: %d async callbacks run already", func, _LIMIT)
            done(False, None)
        else:
            try:
                portal.start_task_soon(self._launch, func, args, done)
            except BaseException as error:  # noqa: BLE001
                self._finished(done)
                report(_logger, "%r could not be started on the portal", func, error=error)
                done(False, None)

    def _launch(
        self, func: AsyncCallback, args: tuple[object, ...], done: Done
    ) -> Awaitable[None] | None:
        """Starts the callback on the loop. A task of the portal awaits the result."""
        of_the_app.set(True)
        work = self._run(func, args, done)
        try:
            loop = get_running_loop()
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
        """The callbacks that run as tasks of this asyncio loop."""
        return {task for task in self._tasks if task.get_loop() is loop}

    def cancel(self) -> None:
        """Cancels the callbacks that run on trio."""
        for scope in self._scopes:
            scope.cancel()

    async def ended(self) -> None:
        """Waits until no callback runs on trio."""
        self._ended = Event()
        if self._scopes:
            await self._ended.wait()

    async def end(self, patience: float) -> None:
        """Cancels the callbacks that run on this loop; waits `patience` seconds for their end."""
        self.cancel()
        try:
            tasks = self.tasks(get_running_loop())
        except RuntimeError:
            with move_on_after(patience):
                await self.ended()
            return
        for task in tasks:
            task.cancel()
        if tasks:
            await wait(tasks, timeout=patience)

    async def _run(self, func: AsyncCallback, args: tuple[object, ...], done: Done) -> None:
        succeeded, value = False, None
        try:
            value = await func(*args)
            if _fork.forked:
                _fork.leave()
            check_returned(func, value, _ASYNC)
            succeeded = True
        except UnawaitedError as error:
            value = None
            _log_unawaited(error, done)
        except BaseException as error:
            if _fork.forked:
                _fork.leave(error)
            if is_a(error, get_cancelled_exc_class()):
                raise
            # Also SystemExit and GeneratorExit: nothing that a callback raises may end the portal.
            report(_logger, "a callback failed: %r", func, error=error)
        finally:
            self._finished(done)
            done(succeeded, value)

    def _finished(self, done: Done) -> None:
        with self._lock:
            self._running -= not done.bounded


_starter = Starter()
set_portal = _starter.set_portal
start = _starter.start
tasks = _starter.tasks
cancel = _starter.cancel
ended = _starter.ended


def serve(lane: int, name: str) -> None:
    """Starts the thread of a lane of callbacks. The native side calls this for the first one."""
    work = call if lane == PLAIN else start
    start_thread(partial(run_errands, partial(take_callback, lane), work), name)


def run_errands(
    take: Callable[[], Errand | None], work: Callable[[Any, tuple[Any, ...], Done], None]
) -> None:
    """Does `work(*errand)` with what `take` brings, on this thread, until it brings `None`."""
    here.serves_all = True
    while True:
        try:
            errand = take()
        except BaseException as error:  # noqa: BLE001
            report(_logger, "an event was lost", error=error)
            continue
        if errand is None:
            return
        try:
            if _swapping.active:
                errand = (_swapping.latest(errand[0]), *errand[1:])
            work(*errand)
        except BaseException as error:  # noqa: BLE001
            report(_logger, "a callback failed", error=error)
        finally:
            del errand


def call(
    func: Callable[..., object],
    args: tuple[object, ...],
    done: Done,
    /,
    *,
    context: Callable[[], Context] = Context,
) -> None:
    """Runs a plain callback, in a context of its own. Never raises."""
    succeeded, value = False, None
    try:
        value = context().run(func, *args)
        if _fork.forked:
            _fork.leave()
        check_returned(func, value, _ASYNC)
        succeeded = True
    except UnawaitedError as error:
        value = None
        _log_unawaited(error, done)
    except BaseException as error:  # noqa: BLE001
        if _fork.forked:
            _fork.leave(error)
        report(_logger, "a callback failed: %r", func, error=error)
    finally:
        done(succeeded, value)


def _log_unawaited(error: UnawaitedError, done: Done) -> None:
    if done.is_first_unawaited():
        report(_logger, "a callback failed: %s", error)
