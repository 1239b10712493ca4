"""Starts `async def` callbacks on the portal; called by the native thread for them."""

import logging
import threading
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from anyio import get_cancelled_exc_class
from anyio.from_thread import BlockingPortal

from . import _fork

_LIMIT = 1024
"""Async callbacks that may run at once; one more is refused."""

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
                portal.start_task_soon(self._run, func, args, done)
            except BaseException:
                self._finished()
                _logger.exception("%r could not be started on the portal", func)
                done(False, None)

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
