"""Keeps a task of an asyncio loop waiting, also when a command cancels all tasks of the loop.

A command may cancel all tasks of its loop, as programs do at their end. What the other commands
need goes on then. Who really ends it cancels the scope around it, or the loop does not run any
more: `asyncio.run` cancels what is left when it has stopped its loop.
"""

import asyncio
import logging
import threading
from asyncio import current_task, get_running_loop
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import Context
from functools import partial
from math import inf
from typing import Any, cast

import anyio
from anyio import current_effective_deadline
from anyio.from_thread import BlockingPortal

from .._observe.failures import report
from .threads import start_thread

LEFT = (
    "the event loop of the commands does not end, so it is left behind: a command has replaced "
    "what it needs, or its tasks go on"
)

log = logging.getLogger("transom")


class Latch:
    """Is set once. One task of the loop waits for that."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_set = False
        self._future: Watched | None = None

    def set(self) -> None:
        """Lets the waiting task go on. To be called on the loop."""
        self._is_set = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def wait(self) -> None:
        """Waits until it is set, or until this task is to end."""
        task = current_task()
        assert task is not None
        before = task.cancelling()
        while not self._is_set:
            future = self._future = Watched(loop=self._loop)
            try:
                await future
            except asyncio.CancelledError:
                if not future.loop_ran or current_effective_deadline() == -inf:
                    raise
                while task.cancelling() > before:
                    task.uncancel()


class Watched(asyncio.Future[None]):
    """A future that knows whether the loop ran when its task was cancelled."""

    loop_ran = False

    def cancel(self, msg: Any | None = None) -> bool:
        self.loop_ran = self.get_loop().is_running()
        return super().cancel(msg)


async def until_stopped(portal: BlockingPortal) -> None:
    """Does what `portal.sleep_until_stopped` does, and outlasts cancels of its task."""
    try:
        latch = Latch(get_running_loop())
    except RuntimeError:  # trio, which has no way to cancel the tasks of others
        await portal.sleep_until_stopped()
        return
    stop = portal.stop

    async def stop_and_tell(cancel_remaining: bool = False) -> None:
        await stop(cancel_remaining)
        latch.set()

    cast("Any", portal).stop = stop_and_tell
    await latch.wait()


@contextmanager
def own_portal(
    backend: str,
    backend_options: dict[str, Any] | None = None,
    ended: Callable[[], None] = lambda: None,
    patience: float | None = None,
) -> Generator[BlockingPortal]:
    """Does what anyio's `start_blocking_portal` does, with a main task that outlasts cancels.

    `ended` is called on the loop's thread when the loop has ended, for whatever reason. A loop that
    does not end within `patience` seconds is left behind. Default: however long it takes.
    """
    begun: Future[BlockingPortal] = Future()

    async def main() -> None:
        async with BlockingPortal() as portal:
            threading.current_thread().name = f"{backend}-portal-{id(portal):x}"
            begun.set_result(portal)
            await until_stopped(portal)

    def run() -> None:
        try:
            anyio.run(main, backend=backend, backend_options=backend_options)
        except BaseException as error:  # noqa: BLE001 - who uses the portal sees that it has ended
            if not begun.done():
                begun.set_exception(error)
        finally:
            try:
                ended()
            except BaseException as error:  # noqa: BLE001
                report(log, "the end of an event loop could not be told", error=error)

    # As anyio's: where threads inherit a context, this one begins with an empty one.
    thread = start_thread(partial(Context().run, run), "transom-portal")
    try:
        portal = begun.result()
    except BaseException:
        thread.join()
        raise
    cancel_remaining = False
    try:
        yield portal
    except BaseException:
        cancel_remaining = True
        raise
    finally:
        end = partial(end_portal, portal, cancel_remaining, thread)
        if patience is None:
            end()
        else:
            end_within(patience, end)


def end_portal(portal: BlockingPortal, cancel_remaining: bool, thread: threading.Thread) -> None:
    with suppress(RuntimeError):  # the loop has ended
        portal.call(portal.stop, cancel_remaining)
    thread.join()


def end_within(patience: float, end: Callable[[], None]) -> None:
    try:
        ending = start_thread(end, "transom-portal-end")
    except RuntimeError:  # the system gives no further thread
        end()
        return
    ending.join(patience)
    if ending.is_alive():
        report(log, LEFT, level=logging.WARNING)
