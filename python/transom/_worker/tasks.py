"""Runs the `async def` commands of a worker, on an event loop beside the main thread."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from contextvars import Context, copy_context
from typing import cast

from anyio import CancelScope, get_cancelled_exc_class
from anyio.from_thread import BlockingPortal, start_blocking_portal

from .._contained import contain, contain_trio
from .._loops import poster
from .._native import Call
from .._portal import Arrived
from .._runner import Runner
from .._streams import Credits
from .call import WorkerCall


def prepare() -> Callable[..., None]:
    """Makes this event loop fit for commands. Gives what calls a function on it, from any thread.

    That does so soon and does not wait for the loop, as a portal does, which may wait for the
    thread that asks.
    """
    try:
        contain(asyncio.get_running_loop())
    except RuntimeError:
        contain_trio()
    return poster()


class Tasks:
    """An event loop on a thread of its own. It lives from its first task to `close`."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self.credits = Credits()
        self._portal: BlockingPortal | None = None
        self._manager: AbstractContextManager[BlockingPortal] | None = None
        self._soon: Callable[..., None] = lambda *_: None

    def start(self, runner: Runner, call: WorkerCall, ended: Callable[[int], None]) -> None:
        """Starts the command of `call`; `ended` is told its id at the end."""
        self._begun().start_task_soon(self._run, runner, call, ended)

    def call(self, func: Callable[[], Awaitable[object]]) -> Context:
        """Runs `func()` to its end. Gives the context that it has left."""

        async def run() -> Context:
            await func()
            return copy_context()

        return self._begun().call(run)

    def _begun(self) -> BlockingPortal:
        if self._portal is None:
            self._manager = start_blocking_portal(self._backend)
            self._portal = self._manager.__enter__()
            self._soon = self._portal.call(prepare)
        return self._portal

    async def _run(self, runner: Runner, call: WorkerCall, ended: Callable[[int], None]) -> None:
        scope = CancelScope()
        call.on_cancel = lambda: self._soon(scope.cancel)
        if call.outflow is not None:
            call.outflow.on_ring = lambda: self._soon(self.credits.wake, call.id)
        if call.cancelled:
            scope.cancel()
        arrived = Arrived(cast("Call", call))
        await runner.run(arrived, scope, get_cancelled_exc_class(), ended)

    def close(self) -> None:
        """Ends the loop; what runs on it is cancelled."""
        if self._portal is not None and self._manager is not None:
            self._portal.start_task_soon(self._portal.stop, True)
            self._manager.__exit__(None, None, None)
