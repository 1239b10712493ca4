"""Runs the `async def` commands of a worker, on an event loop beside the main thread."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import cast

from anyio import CancelScope, get_cancelled_exc_class
from anyio.from_thread import BlockingPortal, start_blocking_portal

from .._native import Call
from .._portal import Arrived
from .._runner import Runner
from .call import WorkerCall


class Tasks:
    """An event loop on a thread of its own. It lives from the first call to `close`."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._portal: BlockingPortal | None = None
        self._manager: AbstractContextManager[BlockingPortal] | None = None

    def start(self, runner: Runner, call: WorkerCall, ended: Callable[[int], None]) -> None:
        """Starts the command of `call`; `ended` is told its id at the end."""
        if self._portal is None:
            self._manager = start_blocking_portal(self._backend)
            self._portal = self._manager.__enter__()
        self._portal.start_task_soon(self._run, runner, call, ended)

    async def _run(self, runner: Runner, call: WorkerCall, ended: Callable[[int], None]) -> None:
        scope = CancelScope()
        call.on_cancel = lambda: self._cancel(scope)
        if call.cancelled:
            scope.cancel()
        arrived = Arrived(cast("Call", call))
        await runner.run(arrived, scope, get_cancelled_exc_class(), ended)

    def _cancel(self, scope: CancelScope) -> None:
        # The loop may have ended, and the call with it.
        with suppress(RuntimeError):
            if self._portal is not None:
                self._portal.start_task_soon(scope.cancel)

    def close(self) -> None:
        """Ends the loop; what runs on it is cancelled."""
        if self._portal is not None and self._manager is not None:
            self._portal.start_task_soon(self._portal.stop, True)
            self._manager.__exit__(None, None, None)
