"""Runs plain `def` commands on threads of the package's own."""

import logging
import threading
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from itertools import count

from .._loops.threads import start_thread
from .._native import Call, Inbox
from .._observe.failures import report
from .keyword_only import keyword_only
from .pool_checks import require, whole
from .switching import switching

log = logging.getLogger("transom")


@keyword_only("workers")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadExecutor:
    """Settings of an executor that runs plain `def` commands in threads.

    Args:
        workers: How many threads there are, and so how many calls run at once. They are started as
            they are needed.
    """

    workers: int = 40

    def __post_init__(self) -> None:
        require(self, "workers", "a whole number, at least 1", whole(1))


class Threads:
    """Runs plain `def` commands on daemon threads, each of which takes one call at a time."""

    def __init__(self, name: str, inbox: Inbox, run: Callable[[Call], None], threads: int) -> None:
        self._name = name
        self._inbox = inbox
        self._run = run
        self._threads = threads
        self._idle = 0
        self._alive = 0
        self._numbers = count(1)
        self._lock = threading.Lock()

    def start(self) -> None:
        """Starts the first thread; a busy one starts the next."""
        with self._lock:
            self._spawn()

    def _spawn(self) -> None:
        name = f"transom-{self._name}-{next(self._numbers)}"
        start_thread(self._work, name)
        self._alive += 1
        self._idle += 1

    def _spawn_another(self) -> None:
        try:
            self._spawn()
        except RuntimeError:
            text = "no further thread for `%s`: %d share its calls"
            report(log, text, self._name, self._alive, level=logging.WARNING)

    def _work(self) -> None:
        served = ended = False
        try:
            while (call := self._inbox.take()) is not None:
                served = True
                self._serve(call)
                del call
            ended = True
        finally:
            # Also if something ends this thread that nobody thought of: the others must know.
            with self._lock:
                self._alive -= 1
                self._idle -= 1
                if served and not ended:
                    self._spawn_another()

    def _serve(self, call: Call) -> None:
        with self._lock:
            self._idle -= 1
            # One thread always waits, so that the next call finds it.
            if self._idle == 0 and self._alive < self._threads:
                self._spawn_another()
        try:
            # In a context of its own: what it sets there is not the next one's.
            with switching:
                Context().run(self._run, call)
        except BaseException as error:  # noqa: BLE001
            report(log, "a call could not be run", error=error)
        finally:
            with self._lock:
                self._idle += 1
