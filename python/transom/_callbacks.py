"""Starts `async def` callbacks on the portal; called by the native callback thread."""

import logging
import threading
from collections.abc import Awaitable, Callable

from anyio import get_cancelled_exc_class
from anyio.from_thread import BlockingPortal

_LIMIT = 1024
"""Async callbacks that may run at once; one more is refused."""

_logger = logging.getLogger("transom")
_lock = threading.Lock()
_portal: BlockingPortal | None = None
_running = 0


def set_portal(portal: BlockingPortal | None) -> None:
    """Choose where `async def` callbacks run; `None` when the portal ends."""
    global _portal  # noqa: PLW0603 - one app per process is a fact of the platform
    with _lock:
        _portal = portal


def start(
    func: Callable[..., Awaitable[object]],
    args: tuple[object, ...],
    done: Callable[[bool, object], None],
) -> None:
    """Run `await func(*args)` on the portal, then call `done(succeeded, value)` once."""
    global _running  # noqa: PLW0603
    with _lock:
        portal = _portal
        admitted = portal is not None and _running < _LIMIT
        _running += admitted
    if portal is None:
        _logger.error(
            "%r is an async callback and needs a portal to run on: give one to"
            " `generate_handler(portal)` and keep it open while the app runs, or use a plain `def`",
            func,
        )
        done(False, None)
        return
    if not admitted:
        _logger.error("%r was not called: %d async callbacks run already", func, _LIMIT)
        done(False, None)
        return
    try:
        portal.start_task_soon(_run, func, args, done)
    except BaseException:
        _finished()
        _logger.exception("%r could not be started on the portal", func)
        done(False, None)


async def _run(
    func: Callable[..., Awaitable[object]],
    args: tuple[object, ...],
    done: Callable[[bool, object], None],
) -> None:
    succeeded, value = False, None
    try:
        value = await func(*args)
        succeeded = True
    except (GeneratorExit, get_cancelled_exc_class()):
        raise
    except BaseException:
        # Also SystemExit: nothing that a callback raises may end the portal.
        _logger.exception("a callback failed: %r", func)
    finally:
        _finished()
        done(succeeded, value)


def _finished() -> None:
    global _running  # noqa: PLW0603
    with _lock:
        _running -= 1
