"""Runs the `async def` commands of a worker, on an event loop beside the main thread."""

import asyncio
import threading
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from contextvars import Context, ContextVar, copy_context
from typing import cast

from anyio import CancelScope, get_cancelled_exc_class
from anyio.from_thread import BlockingPortal

from .._call.runner import Runner
from .._call.streams import Credits
from .._executors.call_tasks import Arrived
from .._loops.contained import contain, contain_trio
from .._loops.guarded import can_be_woken, guard
from .._loops.latch import own_portal
from .._loops.posting import poster
from .._native import Call
from .call.worker_call import LoopEndedError, RemoteCall

of_a_call = ContextVar("of_a_call", default=False)
"""Set where commands run, so it is also set in what they start."""


def prepare() -> Callable[..., None]:
    """Prepares this event loop for commands. Returns a function that runs others on it.

    That does so soon and does not wait for the loop, as a portal does, which may wait for the
    thread that asks.
    """
    try:
        loop = get_running_loop()
    except RuntimeError:
        contain_trio(of_a_call)
    else:
        contain(loop)
        guard(loop, of_a_call.get)
    return poster()


class Tasks:
    """An event loop on a thread of its own. It lives from its first task to `close`."""

    def __init__(self, backend: str, give_up: Callable[[RemoteCall, BaseException], None]) -> None:
        """`give_up` ends a call that the loop cannot run, or has left behind."""
        self._backend = backend
        self._give_up = give_up
        self.credits = Credits()
        self._portal: BlockingPortal | None = None
        self._manager: AbstractContextManager[BlockingPortal] | None = None
        self._soon: Callable[..., None] = lambda *_: None
        self._lock = threading.Lock()
        self._calls = set[RemoteCall]()
        """The calls that were given to the loop and have not ended."""
        self.is_over = False
        """Whether the loop has ended. It runs what it was given before, or leaves it behind."""
        self._loop: asyncio.AbstractEventLoop | None = None

    def can_go_on(self) -> bool:
        """Whether the loop runs, and hears of the next call."""
        return not self.is_over and (self._loop is None or can_be_woken(self._loop))

    def start(self, runner: Runner, call: RemoteCall, ended: Callable[[int], None]) -> None:
        """Starts the command of `call`. `ended` is called with its id at the end.

        Raises:
            LoopEndedError: A command has ended the loop.
        """
        portal = self._begun()
        with self._lock:
            if self.is_over:
                raise LoopEndedError
            self._calls.add(call)
        try:
            future = portal.start_task_soon(self._run, runner, call, ended)
        except BaseException as error:
            self._calls.discard(call)
            # The portal does not run, or its loop is closed: of that there are subclasses.
            if isinstance(error, RuntimeError):
                raise LoopEndedError from error
            raise
        future.add_done_callback(lambda _: self._check(call))

    def call(self, func: Callable[[], Awaitable[object]]) -> Context:
        """Runs `func()` to its end. Returns the context that it has left."""

        async def run() -> Context:
            await func()
            return copy_context()

        return self._begun().call(run)

    def _begun(self) -> BlockingPortal:
        if self._portal is None:
            self._manager = own_portal(self._backend, ended=self._end)
            self._portal = self._manager.__enter__()
            self._soon = self._portal.call(prepare)
        return self._portal

    async def _run(self, runner: Runner, call: RemoteCall, ended: Callable[[int], None]) -> None:
        of_a_call.set(True)
        scope = CancelScope()
        with suppress(RuntimeError):  # trio
            self._loop = get_running_loop()
        call.on_cancel = lambda: self._soon(scope.cancel)
        if call.outflow is not None:
            call.outflow.on_ring = lambda: self._soon(self.credits.wake, call.id)
        if call.cancelled:
            scope.cancel()
        arrived = Arrived(cast("Call", call))
        await runner.run(arrived, scope, get_cancelled_exc_class(), ended)

    def _check(self, call: RemoteCall) -> None:
        """Gives the call up if its task has ended without an answer."""
        with self._lock:
            self._calls.discard(call)
        if not call.settled:
            self._give_up(call, LoopEndedError())

    def _end(self) -> None:
        """Gives up what the loop has left behind: `loop.stop()` ends it with its tasks."""
        with self._lock:
            self.is_over = True
            left = list(self._calls)
        for call in left:
            self._check(call)

    def close(self) -> None:
        """Ends the loop, and cancels what runs on it."""
        if self._portal is not None and self._manager is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._portal.start_task_soon(self._portal.stop, True)
            self._manager.__exit__(None, None, None)
