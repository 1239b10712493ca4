"""Joins code that is awaited and code that blocks, around the event loop of a portal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from functools import partial, wraps
from threading import get_ident
from time import monotonic
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from anyio import (
    Event,
    create_task_group,
    get_cancelled_exc_class,
    get_current_task,
    get_running_tasks,
    move_on_after,
    sleep_forever,
    to_thread,
)
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from ._app import exits
from ._app.leaving import forget
from ._loops.latch import Latch
from ._observe.failures import report

__all__ = ["AsyncTools"]

P = ParamSpec("P")
T = TypeVar("T")

TURN = 1.5
"""A loop that is not blocked turns within this many seconds."""

LEFT = "the task `%s` of an `AsyncTools` goes on after its cancel, and is left behind"
OUTSIDE = "an `AsyncTools` works inside its block only: `with AsyncTools(portal) as tools:`"

log: logging.Logger = logging.getLogger("transom")


class AsyncTools:
    """Runs tasks on a portal's event loop, from any thread, and blocking functions in threads.

    ```python
    with start_blocking_portal("asyncio") as portal, AsyncTools(portal) as tools:
        ...
    ```

    The end of the block cancels the tasks, and waits for them: 6 seconds at most, of which the end
    of an app that has just run is a part. The log names what goes on after that.

    The portal must be open as long as the block.
    """

    portal: BlockingPortal
    """The portal that was given."""
    task_group: TaskGroup
    """For tasks of your own. To be used on the portal's loop, inside the block.

    A task that raises is logged and ends the others, and the block raises its exception.
    """

    def __init__(self, portal: BlockingPortal) -> None:
        self.portal = portal
        self._thread: int | None = None
        """The thread of the loop, inside the block."""
        self._host: asyncio.Task[None] | None = None
        self._host_id = 0
        self._ended: Event | None = None
        self._failure: BaseException | None = None
        self._calls = set[Future[Any]]()
        """Of `to_sync`, while they run."""

    def __enter__(self) -> Self:
        if self._ended is not None:
            raise RuntimeError("an `AsyncTools` is entered once: make another one")
        self.portal.call(self._begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the tasks.

        Raises:
            BaseExceptionGroup: With what a task of `task_group` raised, unless the block raises.
        """
        began, patience = monotonic(), exits.patience()
        self._thread = None
        ended = True
        # The loop has ended by itself, or the code that ran on it was cancelled with the portal.
        with suppress(RuntimeError, CancelledError):
            end = self.portal.start_task_soon(self._end, patience)
            try:
                ended = end.result(patience + TURN)
            except TimeoutError:
                report(log, "the event loop is blocked: an `AsyncTools` leaves its tasks behind")
                ended = False
        for call in list(self._calls):
            call.cancel()  # whoever waits for it
        exits.took(monotonic() - began)
        if not ended:
            # The portal would wait for ever.
            exits.leave_after_app()
        if self._failure is not None and error is None:
            raise self._failure

    def to_sync(self, f: Callable[P, Awaitable[T]], /) -> Callable[P, T]:
        """Makes a plain function that runs `f` on the portal's loop, and waits for its result.

        It is for other threads: on the loop's own it raises `RuntimeError`. A call that the end of
        the block cancels raises `concurrent.futures.CancelledError`.
        """

        @wraps(f)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if self._thread is None:
                raise RuntimeError(OUTSIDE)
            if get_ident() == self._thread:
                raise RuntimeError(
                    f"`{name_of(f)}` was made plain by `to_sync`, and is called on the thread of "
                    "its event loop, which cannot wait for itself: `await` the function that was "
                    "given to `to_sync`, or call this one by `anyio.to_thread.run_sync`"
                )
            future = Future[T]()
            self._calls.add(future)
            try:
                self.portal.call(self._start, future, partial(f, *args, **kwargs), name_of(f))
                return future.result()
            finally:
                self._calls.discard(future)

        return call

    def to_async(self, f: Callable[P, T], /) -> Callable[P, Coroutine[Any, Any, T]]:
        """Makes an `async def` function that runs `f` in a worker thread.

        A cancel waits until `f` has returned.
        """

        @wraps(f)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return await to_thread.run_sync(partial(f, *args, **kwargs))

        return call

    def _start(self, future: Future[T], work: Callable[[], Awaitable[T]], name: str) -> None:
        async def run() -> None:
            # What it raises is the caller's, as of any function, and does not end the group.
            try:
                result = await work()
            except BaseException as error:  # noqa: BLE001
                with suppress(InvalidStateError):  # the block has ended
                    if isinstance(error, get_cancelled_exc_class()):
                        future.cancel()
                    else:
                        future.set_exception(error)
            else:
                with suppress(InvalidStateError):
                    future.set_result(result)

        if self._thread is None:
            raise RuntimeError(OUTSIDE)
        self.task_group.start_soon(run, name=name)

    async def _begin(self) -> None:
        self._ended, begun = Event(), Event()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            import trio  # noqa: PLC0415 - only where it runs

            trio.lowlevel.spawn_system_task(self._serve, begun, sleep_forever)
        else:
            # No task of the portal's, whose end would wait for what is left behind.
            self._host = asyncio.Task(self._serve(begun, Latch(loop).wait), loop=loop)
        await begun.wait()
        self._thread = get_ident()

    async def _serve(self, begun: Event, wait: Callable[[], Awaitable[None]]) -> None:
        """Is the task around the group."""
        assert self._ended is not None
        try:
            async with create_task_group() as self.task_group:
                self._host_id = get_current_task().id
                begun.set()
                await wait()
        except get_cancelled_exc_class():
            raise
        except BaseException as error:  # noqa: BLE001
            self._failure = error
            report(log, "a task of an `AsyncTools` raised, which ends the others", error=error)
        finally:
            self._ended.set()

    async def _end(self, patience: float) -> bool:
        """Cancels the tasks and waits for them. Returns whether the loop can be closed now."""
        assert self._ended is not None
        self.task_group.cancel_scope.cancel()
        with move_on_after(patience):
            while self._host is not None and (tasks := self._tasks()):
                await asyncio.wait(tasks)
            # The end of an app may have left some behind, for which the group waits for ever.
            with move_on_after(None if self._host is None else TURN / 3):
                await self._ended.wait()
        if self._ended.is_set():
            return True
        for task in get_running_tasks():
            if task.parent_id == self._host_id:
                report(log, LEFT, task.name, level=logging.WARNING)
        if self._host is None:
            return False
        for task in (*self._tasks(), self._host):
            forget(task)
        return True

    def _tasks(self) -> set[asyncio.Task[Any]]:
        """The tasks of the group, on asyncio."""
        mine = {it.id for it in get_running_tasks() if it.parent_id == self._host_id}
        return {it for it in asyncio.all_tasks() if id(it) in mine}


def name_of(f: Callable[..., object]) -> str:
    return getattr(f, "__qualname__", repr(f))
