"""Runs calls as tasks of one asyncio loop."""

import asyncio
from asyncio import wait
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate
from typing import Any, cast

from anyio import CancelScope

from .._app.leaving import abandon
from .._call.runner import Runner
from .._loops.contained import Contained, Factory
from .._loops.patched import turns_nest
from .._native import Call
from .task_pool import TaskSlot

PATIENCE = 0.5
"""Seconds that cancelled calls have to end when the executor ends."""
SLOTS = 8
"""Tasks that wait for calls. Further calls get a task when they arrive."""


class Arrived:
    """An awaitable of a call that has arrived already."""

    __slots__ = ("call", "cancelled")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.cancelled = False

    def __await__(self) -> Generator[None, None, Call | None]:
        return self.call
        yield


class Serving(Contained):
    """The coroutine that runs a call. It tells if its task is cancelled before the first step:
    nothing of the coroutine itself runs then.
    """

    __slots__ = ("_lost",)

    def __init__(self, inner: Coroutine[Any, Any, Any], lost: Callable[[], None]) -> None:
        super().__init__(inner)
        self._lost = lost

    def throw(self, *args: Any) -> Any:
        if getcoroutinestate(self.inner) == CORO_CREATED:
            self._lost()
        return super().throw(*args)


class CallTasks:
    """The tasks of one asyncio loop: those that run calls, and those that wait for one.

    A waiting task has its context and its cancel scope before the call comes. They need no task
    group to end with: `close` cancels them by their scopes.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_task: Factory,
        runner: Runner,
        scopes: dict[int, CancelScope],
        new_scope: type[CancelScope],
        cancelled: type[BaseException],
    ) -> None:
        self._loop = loop
        self._make_task = make_task
        self._runner = runner
        self._scopes = scopes
        self._new_scope = new_scope
        self._cancelled = cancelled
        self._tasks = dict[int, asyncio.Task[None]]()
        self._waiting = list[tuple[TaskSlot, CancelScope, asyncio.Task[None]]]()
        self._leaving = list[asyncio.Task[None]]()
        self._closed = False
        self._add_slots()

    def receive(self, call: Call) -> None:
        """Gives the call to a waiting task, or to a new one."""
        if turns_nest():
            # A step of the command may come back here, to a callback that must have ended then.
            self._loop.call_soon(self._give, call)
        else:
            self._give(call)

    def _give(self, call: Call) -> None:
        key = call.id
        while self._waiting:
            slot, scope, task = self._waiting.pop()
            if not self._waiting:
                self._loop.call_soon(self._add_slots)
            # One whose first step is to come knows of its cancel only then.
            if not slot.cancelled and task.cancelling() == 0:
                self._scopes[key], self._tasks[key] = scope, task
                slot.give(call)
                return
        scope = self._scopes[key] = self._new_scope()
        self._tasks[key] = self._start(Arrived(call), scope)

    def coroutines(self) -> dict[int, Coroutine[Any, Any, Any]]:
        """The coroutines that run calls, by call id. May be called on any thread."""
        return {
            key: cast("Contained", task.get_coro()).inner
            for key, task in self._tasks.copy().items()
        }

    def _start(self, arrival: Arrived | TaskSlot, scope: CancelScope) -> asyncio.Task[None]:
        run = self._runner.run(arrival, scope, self._cancelled, self._ended)
        # A fork of the command must not go on with the other calls of the loop.
        return self._make_task(self._loop, Serving(run, partial(self._lost, arrival)))

    def _lost(self, arrival: Arrived | TaskSlot) -> None:
        """Answers the call of a task that other code has cancelled before its first step."""
        arrival.cancelled = True
        if (call := arrival.call) is not None and call.id in self._tasks:
            self._ended(call.id)
            call.reject("unavailable", "the task of this call was cancelled before it began")
            call.finish()

    def _ended(self, key: int) -> None:
        del self._scopes[key], self._tasks[key]

    def _add_slots(self) -> None:
        while len(self._waiting) < SLOTS and not self._closed:
            slot, scope = TaskSlot(self._loop), self._new_scope()
            self._waiting.append((slot, scope, self._start(slot, scope)))

    def close(self) -> None:
        """Cancels the calls that run, and ends the waiting tasks."""
        for scope in self._scopes.values():
            scope.cancel()
        self._closed = True
        for slot, _, task in self._waiting:
            if not slot.cancelled:
                self._loop.call_soon(self._dismiss, slot)
            self._leaving.append(task)
        self._waiting.clear()

    @staticmethod
    def _dismiss(slot: TaskSlot) -> None:
        # A cancel may have come meanwhile.
        if not slot.cancelled:
            slot.give(None)

    async def empty(self) -> None:
        """Waits until no task is left, or abandons those that are left after `PATIENCE`."""
        if tasks := [*self._tasks.values(), *self._leaving]:
            _, left = await wait(tasks, timeout=PATIENCE)
            for task in left:
                abandon(task)
