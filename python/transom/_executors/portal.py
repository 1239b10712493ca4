"""Runs async commands on the event loop of a portal."""

import logging
import threading
from asyncio import get_running_loop
from collections.abc import Callable, Coroutine
from functools import partial
from threading import get_ident
from typing import Any

from anyio import (
    CancelScope,
    Event,
    create_task_group,
    get_cancelled_exc_class,
    wait_readable,
)

from .._app.leaving import FOR_CALLBACKS, LEAST, leave
from .._call.runner import Runner
from .._call.streams import Credits
from .._loops.contained import contain, contain_trio, factory_of, of_the_app
from .._loops.guarded import guard, protect
from .._loops.latch import Latch
from .._loops.posting import post_of_this_loop, poster
from .._native import Call, Inbox
from .._observe.failures import report
from .call_tasks import Arrived, CallTasks

Reply = tuple[str, Any]
"""The answer of a page: `("value", json)`, `("thrown", json)`, `("closed", None)`, …."""
ENDED: Reply = ("closed", None)
"""The answer to all calls of pages when the app ends."""

TURN = 1.5
"""A loop that is not blocked turns within this many seconds."""

log = logging.getLogger("transom")


class PortalExecutor:
    """Runs `async def` commands as tasks of one event loop: asyncio or trio."""

    def __init__(self, inbox: Inbox, runner: Runner) -> None:
        self.inbox = inbox
        self._runner = runner
        self.credits = Credits()
        self._scopes: dict[int, CancelScope] = {}
        self._tasks: CallTasks | None = None
        self._work: dict[int, Coroutine[Any, Any, None]] = {}
        """The coroutines of calls that `_tasks` does not run: on trio, and on Windows."""
        self._replies: dict[int, Callable[[Reply], None]] = {}
        self._stopped: Event | None = None
        self._over = False
        """Whether the loop has ended, so that no reply comes any more."""
        self._served: Event | None = None
        self._post: Callable[..., object] | None = None
        """Calls a function on the loop soon, from any thread, without waiting for the loop."""
        self._stop_waiting: Callable[[], None] = lambda: None
        """Makes `serve` notice that it was stopped, on trio."""
        self._latch: Latch | None = None
        """What `serve` waits for, on asyncio."""
        self.thread: int | None = None
        """The thread of the loop, once it serves."""
        self._cancelled: type[BaseException] = BaseException
        self._new_scope: type[CancelScope] = CancelScope
        self._release: Callable[[], None] = lambda: None
        """Restores the loop as it was."""
        self._runs: Callable[[], bool] = lambda: True
        """Whether the loop runs, as far as that can be told from other threads."""
        self._ready: Callable[[], None] = lambda: None

    async def serve(self, ready: Callable[[], None]) -> None:
        """Takes calls until the executor ends. `ready` is called when it can take them."""
        self._stopped, self._served, self._ready = Event(), Event(), ready
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
                if not await self._watch():
                    self._stop_waiting = tasks.cancel_scope.cancel
                    while not self._stopped.is_set():
                        await wait_readable(self.inbox.fileno())
                        self._drain(spawn)
                tasks.cancel_scope.cancel()
        finally:
            self._end()
            self._served.set()

    def end_if_lost(self) -> bool:
        """Ends the executor if its loop does not run any more, without having ended this task: a
        command has broken it. On another thread, when nothing was heard of the loop for long.
        """
        if not self._over and not self._runs():
            self._end()
        return self._over

    def _end(self) -> None:
        """Has everything answered that waits for the loop or comes later, however the loop ends:
        no step of this keeps the next one from being done.
        """
        self._over = True
        steps: list[Callable[[], object]] = [self._release]
        # Of other loops; here nobody waits any more.
        steps += [partial(reply, ENDED) for reply in list(self._replies.values())]
        if self._stopped is None or not self._stopped.is_set():
            text = "the portal ended while the app runs: async commands are refused"
            report(log, text, level=logging.CRITICAL)
            steps.append(self._ready)  # what waits for it is handed over, to be refused
        for step in (*steps, self.inbox.close):
            try:
                step()
            except BaseException as error:  # noqa: BLE001
                report(log, "the portal ended badly", error=error)

    def leave(self, patience: float) -> bool:
        """Ends what commands and callbacks have left on the event loop, so that the portal can be
        closed at once. On another thread.

        Args:
            patience: How many seconds their tasks get after their cancel.

        Returns:
            `False`: it is not done, though time is up: something blocks the loop, or a task or an
            async generator of trio's swallows its cancel.
        """
        begun, left = threading.Event(), threading.Event()
        try:
            if self._post is None:
                return True
            self._post(self._leave, patience, begun.set, left.set)
        except RuntimeError:
            return True  # the loop has ended
        return begun.wait(TURN) and left.wait(patience + FOR_CALLBACKS + 2 * LEAST + TURN / 2)

    def _leave(self, patience: float, begun: Callable[[], None], left: Callable[[], None]) -> None:
        begun()
        assert self._served is not None
        self._stop()
        self._stop_waiting()
        leave(self._served.wait, patience, left)

    def _stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()
        if self._latch is not None:
            self._latch.set()

    def is_here(self) -> bool:
        """Whether this is the thread of the event loop."""
        return get_ident() == self.thread

    def coroutines(self) -> dict[int, Coroutine[Any, Any, Any]]:
        """The coroutines that run calls here, by call id. May be called on any thread."""
        tasks = self._tasks
        return self._work.copy() if tasks is None else tasks.coroutines()

    async def _watch(self) -> bool:
        """On asyncio, lets the loop watch the inbox, and gives calls to waiting tasks."""
        try:
            loop = get_running_loop()
        except RuntimeError:  # trio
            contain_trio()
            return False
        make_task = factory_of(loop)
        self._release = contain(loop)
        guard(loop, of_the_app.get)
        self._runs = loop.is_running
        runner, scopes = self._runner, self._scopes
        tasks = CallTasks(loop, make_task, runner, scopes, self._new_scope, self._cancelled)
        self._tasks = tasks
        latch = self._latch = Latch(loop)
        try:
            loop.add_reader(self.inbox.fileno(), self._drain, tasks.receive)
        except NotImplementedError:  # the loop of Windows
            return False
        stop_reading = protect(loop, self.inbox.fileno())
        try:
            await latch.wait()
        finally:
            stop_reading()
            tasks.close()
        await tasks.empty()
        return True

    def _drain(self, spawn: Callable[[Call], None]) -> None:
        for mail in self.inbox.drain():
            try:
                self._take(mail, spawn)
            except BaseException as error:  # noqa: BLE001 - the rest of the mail is others'
                report(log, "mail for the event loop could not be taken", error=error)
                if isinstance(mail, Call):
                    mail.reject("internal", "the event loop could not run the call")
                    mail.finish()

    def _take(self, mail: Any, spawn: Callable[[Call], None]) -> None:
        if isinstance(mail, Call):
            spawn(mail)
        elif isinstance(mail, int):
            if scope := self._scopes.get(mail):
                scope.cancel()
        elif mail is None:
            self._stop()
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
        """Asks a page and waits for its reply to `token`, on any event loop."""
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
