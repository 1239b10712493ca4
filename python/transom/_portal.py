"""Runs async commands on the event loop of a portal."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from threading import get_ident
from typing import Any, cast

from anyio import (
    CancelScope,
    Event,
    create_task_group,
    get_cancelled_exc_class,
    wait_readable,
)

from ._contained import Contained, Factory, contain, contain_trio, factory_of, of_the_app
from ._leaving import FOR_CALLBACKS, abandon, leave
from ._loops import post_of_this_loop, poster
from ._native import Call, Inbox
from ._runner import Runner
from ._seats import Seat
from ._streams import Credits

Reply = tuple[str, Any]
"""What a page answered: `("value", json)`, `("thrown", json)`, `("closed", None)`, …."""
ENDED: Reply = ("closed", None)
"""The app ends."""

PATIENCE = 0.5
"""Seconds that calls get to end when the executor does, which has cancelled them."""
TURN = 1.5
"""Seconds in which a loop turns that is not blocked."""
SEATS = 8
"""Tasks that wait for calls on asyncio; calls beyond them get a task when they come."""

log = logging.getLogger("transom")


class Arrived:
    """A call that is here already, for who awaits one."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def __await__(self) -> Generator[None, None, Call | None]:
        return self._call
        yield


class PortalExecutor:
    """Runs `async def` commands as tasks of one event loop: asyncio or trio."""

    def __init__(self, inbox: Inbox, runner: Runner) -> None:
        self.inbox = inbox
        self._runner = runner
        self.credits = Credits()
        self._scopes: dict[int, CancelScope] = {}
        self._hall: Hall | None = None
        self._work: dict[int, Coroutine[Any, Any, None]] = {}
        """What runs the calls that are not in the hall."""
        self._replies: dict[int, Callable[[Reply], None]] = {}
        self._stopped: Event | None = None
        self._over = False
        """Whether the loop has ended: no reply comes any more."""
        self._served: Event | None = None
        self._post: Callable[..., object] | None = None
        """Calls a function on the loop soon, from any thread. Never waits for the loop."""
        self._stop_waiting: Callable[[], None] = lambda: None
        """Lets `serve` see that it was stopped."""
        self.thread: int | None = None
        """The thread of the loop, once it serves."""
        self._cancelled: type[BaseException] = BaseException
        self._new_scope: type[CancelScope] = CancelScope
        self._release: Callable[[], None] = lambda: None
        """Gives the loop back as it was."""

    async def serve(self, ready: Callable[[], None]) -> None:
        """Takes calls until the executor ends. `ready` is told when it can."""
        self._stopped, self._served = Event(), Event()
        self._post = post_of_this_loop()
        self.thread = get_ident()
        of_the_app.set(True)
        self._cancelled = get_cancelled_exc_class()
        # The class behind anyio's front: 0.7 µs to make one instead of 4.4.
        self._new_scope = type(CancelScope())
        try:
            async with create_task_group() as tasks:

                def spawn(call: Call) -> None:
                    scope = self._scopes[call.id] = self._new_scope()
                    tasks.start_soon(self._run, call, scope)

                ready()
                if not await self._watch(self._stopped):
                    self._stop_waiting = tasks.cancel_scope.cancel
                    while not self._stopped.is_set():
                        await wait_readable(self.inbox.fileno())
                        self._drain(spawn)
                tasks.cancel_scope.cancel()
        finally:
            self._release()
            self._over = True
            for reply in list(self._replies.values()):  # of other loops; here nobody waits any more
                reply(ENDED)
            if not self._stopped.is_set():
                log.critical("the portal ended while the app runs: async commands are refused")
                ready()  # what waits for it is handed over, to be refused
            self.inbox.close()
            self._served.set()

    def leave(self, patience: float) -> bool:
        """Ends what commands and callbacks have left on the event loop, so that the portal can be
        closed at once. On another thread.

        Args:
            patience: How many seconds their tasks get after their cancel.

        Returns:
            `False`: it is not done, though time is up: something blocks the loop, or a task of
            trio's swallows its cancel.
        """
        begun, left = threading.Event(), threading.Event()
        try:
            if self._post is None:
                return True
            self._post(self._leave, patience, begun.set, left.set)
        except RuntimeError:
            return True  # the loop has ended
        return begun.wait(TURN) and left.wait(patience + FOR_CALLBACKS + TURN / 2)

    def _leave(self, patience: float, begun: Callable[[], None], left: Callable[[], None]) -> None:
        begun()
        assert self._stopped is not None
        assert self._served is not None
        self._stopped.set()
        self._stop_waiting()
        leave(self._served.wait, patience, left)

    def is_here(self) -> bool:
        """Whether this is the thread of the event loop."""
        return get_ident() == self.thread

    def coroutines(self) -> dict[int, Coroutine[Any, Any, Any]]:
        """What runs the calls here, by their ids. On any thread."""
        hall = self._hall
        return self._work.copy() if hall is None else hall.coroutines()

    async def _watch(self, stopped: Event) -> bool:
        """On asyncio: lets the loop itself watch the inbox, and seats calls in waiting tasks."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # trio
            contain_trio()
            return False
        make_task = factory_of(loop)
        self._release = contain(loop)
        runner, scopes = self._runner, self._scopes
        hall = Hall(loop, make_task, runner, scopes, self._new_scope, self._cancelled)
        self._hall = hall
        try:
            loop.add_reader(self.inbox.fileno(), self._drain, hall.receive)
        except NotImplementedError:  # the loop of Windows
            return False
        try:
            await stopped.wait()
        finally:
            loop.remove_reader(self.inbox.fileno())
            hall.close()
        await hall.empty()
        return True

    def _drain(self, spawn: Callable[[Call], None]) -> None:
        for mail in self.inbox.drain():
            if isinstance(mail, Call):
                spawn(mail)
            elif isinstance(mail, int):
                if scope := self._scopes.get(mail):
                    scope.cancel()
            elif mail is None:
                if self._stopped:
                    self._stopped.set()
            else:
                token, kind, value = mail
                if kind == "credit":
                    self.credits.wake(token)
                elif reply := self._replies.pop(token, None):
                    reply((kind, value))

    async def _run(self, call: Call, scope: CancelScope) -> None:
        run = self._runner.run(Arrived(call), scope, self._cancelled, self._ended)
        self._work[call.id] = run
        try:
            await run
        except self._cancelled:
            if self._stopped is None or self._stopped.is_set():
                raise
            # The command raised it by itself: nobody cancelled this task.
        finally:
            del self._work[call.id]

    def _ended(self, key: int) -> None:
        del self._scopes[key]

    async def page_reply(self, token: int, ask: Callable[[], None]) -> Reply:
        """Asks a page and waits for what it replies to `token`. On any event loop."""
        event, replies = Event(), list[Reply]()
        # The reply comes on this executor's loop.
        soon = None if self.is_here() else poster()

        def take(reply: Reply) -> None:
            replies.append(reply)
            if soon is None:
                event.set()
            else:
                soon(event.set)

        self._replies[token] = take
        try:
            ask()
            if self._over:
                return ENDED
            await event.wait()
        finally:
            self._replies.pop(token, None)
        return replies[0]


class Hall:
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
        self._waiting = list[tuple[Seat, CancelScope, asyncio.Task[None]]]()
        self._leaving = list[asyncio.Task[None]]()
        self._add_seats()

    def receive(self, call: Call) -> None:
        """Gives the call to a waiting task, or to a new one."""
        key = call.id
        if self._waiting:
            seat, scope, task = self._waiting.pop()
            self._scopes[key], self._tasks[key] = scope, task
            seat.give(call)
            if not self._waiting:
                self._loop.call_soon(self._add_seats)
        else:
            scope = self._scopes[key] = self._new_scope()
            self._tasks[key] = self._start(Arrived(call), scope)

    def coroutines(self) -> dict[int, Coroutine[Any, Any, Any]]:
        """What runs the calls, by their ids. On any thread."""
        return {
            key: cast("Contained", task.get_coro()).inner
            for key, task in self._tasks.copy().items()
        }

    def _start(self, arrival: Awaitable[Call | None], scope: CancelScope) -> asyncio.Task[None]:
        run = self._runner.run(arrival, scope, self._cancelled, self._ended)
        # A fork of the command must not go on with the other calls of the loop.
        return self._make_task(self._loop, Contained(run))

    def _ended(self, key: int) -> None:
        del self._scopes[key], self._tasks[key]

    def _add_seats(self) -> None:
        while len(self._waiting) < SEATS:
            seat, scope = Seat(self._loop), self._new_scope()
            self._waiting.append((seat, scope, self._start(seat, scope)))

    def close(self) -> None:
        """Cancels what runs; waiting tasks go home."""
        for scope in self._scopes.values():
            scope.cancel()
        for seat, _, task in self._waiting:
            self._loop.call_soon(seat.give, None)
            self._leaving.append(task)
        self._waiting.clear()

    async def empty(self) -> None:
        """Waits until no task is left, or abandons those that are left after `PATIENCE`."""
        if tasks := [*self._tasks.values(), *self._leaving]:
            _, left = await asyncio.wait(tasks, timeout=PATIENCE)
            for task in left:
                abandon(task)
