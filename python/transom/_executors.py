"""Where calls run: the event loop of a portal, and threads of our own."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anyio import (
    CancelScope,
    Event,
    create_task_group,
    get_cancelled_exc_class,
    wait_readable,
)

from ._native import Call, Inbox
from ._runner import Runner

Reply = tuple[str, Any]
"""What a page answered: `("value", json)`, `("thrown", (name, message))`, `("closed", "")`, …."""

log = logging.getLogger("transom")


@dataclass(frozen=True, slots=True)
class ThreadExecutor:
    """Threads for plain `def` commands.

    Args:
        threads: How many calls run at once. They are started as they are needed.
    """

    threads: int = 40

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise ValueError("a `ThreadExecutor` needs at least 1 thread")


class PortalExecutor:
    """Runs `async def` commands as tasks of one event loop: asyncio or trio."""

    def __init__(self, inbox: Inbox, runner: Runner) -> None:
        self.inbox = inbox
        self._runner = runner
        self._scopes: dict[int, CancelScope] = {}
        self._replies: dict[int, Callable[[Reply], None]] = {}
        self._stopped: Event | None = None
        self._cancelled: type[BaseException] = BaseException
        self._new_scope: type[CancelScope] = CancelScope

    async def serve(self, ready: Callable[[], None]) -> None:
        """Takes calls until the executor ends. `ready` is told when it can."""
        self._stopped = Event()
        self._cancelled = get_cancelled_exc_class()
        # The class behind anyio's front: 0.7 µs to make one instead of 4.4.
        self._new_scope = type(CancelScope())
        try:
            async with create_task_group() as tasks:

                def spawn(call: Call, key: int, scope: CancelScope) -> None:
                    tasks.start_soon(self._run, call, key, scope)

                ready()
                if not await self._watch(self._stopped):
                    while not self._stopped.is_set():
                        await wait_readable(self.inbox.fileno())
                        self._drain(spawn)
                tasks.cancel_scope.cancel()
        finally:
            if not self._stopped.is_set():
                log.critical("the portal ended while the app runs: async commands are refused")
                ready()  # what waits for it is handed over, to be refused
            self.inbox.close()

    async def _watch(self, stopped: Event) -> bool:
        """On asyncio: lets the loop itself watch the inbox and make the tasks.

        An empty task costs 13 µs this way and 25 by a task group's `start_soon` (20,000 of each,
        CPython 3.11). They need no group to end with: whoever stops this executor
        cancels them by their scopes.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # trio
            return False
        run, scopes, cancelled = self._runner.run, self._scopes, self._cancelled
        tasks = dict[asyncio.Task[None], int]()

        def spawn(call: Call, key: int, scope: CancelScope) -> None:
            task = loop.create_task(run(call, scope, cancelled))
            tasks[task] = key
            task.add_done_callback(ended)

        def ended(task: asyncio.Task[None]) -> None:
            scopes.pop(tasks.pop(task), None)

        try:
            loop.add_reader(self.inbox.fileno(), self._drain, spawn)
        except NotImplementedError:  # the loop of Windows
            return False
        try:
            await stopped.wait()
        finally:
            loop.remove_reader(self.inbox.fileno())
            for scope in self._scopes.values():
                scope.cancel()
        if tasks:
            await asyncio.wait(tasks)
        return True

    def _drain(self, spawn: Callable[[Call, int, CancelScope], None]) -> None:
        for mail in self.inbox.drain():
            if isinstance(mail, Call):
                key = mail.id
                scope = self._scopes[key] = self._new_scope()
                spawn(mail, key, scope)
            elif isinstance(mail, int):
                if scope := self._scopes.get(mail):
                    scope.cancel()
            elif mail is None:
                if self._stopped:
                    self._stopped.set()
            else:
                token, kind, value = mail
                if reply := self._replies.pop(token, None):
                    reply((kind, value))

    async def _run(self, call: Call, key: int, scope: CancelScope) -> None:
        try:
            await self._runner.run(call, scope, self._cancelled)
        except self._cancelled:
            if self._stopped is None or self._stopped.is_set():
                raise
            # The command raised it by itself: nobody cancelled this task.
        finally:
            self._scopes.pop(key, None)

    async def page_reply(self, token: int, ask: Callable[[], None]) -> Reply:
        """Asks a page and waits for what it replies to `token`. On this executor's loop only."""
        event, replies = Event(), list[Reply]()

        def take(reply: Reply) -> None:
            replies.append(reply)
            event.set()

        self._replies[token] = take
        try:
            ask()
            await event.wait()
        finally:
            self._replies.pop(token, None)
        return replies[0]


class Threads:
    """Runs plain `def` commands on daemon threads, each of which takes one call at a time."""

    def __init__(self, name: str, inbox: Inbox, run: Callable[[Call], None], threads: int) -> None:
        self._name = name
        self._inbox = inbox
        self._run = run
        self._threads = threads
        self._idle = 0
        self._alive = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Starts the first thread; a busy one starts the next."""
        with self._lock:
            self._spawn()

    def _spawn(self) -> None:
        name = f"transom-{self._name}-{self._alive + 1}"
        threading.Thread(target=self._work, name=name, daemon=True).start()
        self._alive += 1
        self._idle += 1

    def _spawn_another(self) -> None:
        try:
            self._spawn()
        except RuntimeError:
            log.warning("no further thread for `%s`: %d share its calls", self._name, self._alive)

    def _work(self) -> None:
        while (call := self._inbox.take()) is not None:
            with self._lock:
                self._idle -= 1
                # One thread always waits, so that the next call finds it.
                if self._idle == 0 and self._alive < self._threads:
                    self._spawn_another()
            try:
                self._run(call)
            except BaseException:
                log.exception("a call could not be run")
            finally:
                del call
                with self._lock:
                    self._idle += 1
