"""Threads of our own, for plain `def` commands."""

import logging
import threading
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass

from ._native import Call, Inbox
from ._switching import switching

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
                # In a context of its own: what it sets there is not the next one's.
                with switching:
                    Context().run(self._run, call)
            except BaseException:
                log.exception("a call could not be run")
            finally:
                del call
                with self._lock:
                    self._idle += 1
