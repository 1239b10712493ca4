"""Starts threads that serve calls, whatever functions a program has set to trace threads."""

import logging
import threading
from _thread import start_new_thread
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread

from .._observe.failures import report

LOOK = 0.05
"""Seconds between two looks whether a thread has ended before it began."""

MOST_LOOKS = 20
"""After so many another thread begins in its place."""

log = logging.getLogger("transom")


def start_thread(work: Callable[[], object], name: str) -> Thread:
    """Starts a daemon thread that runs `work`, and returns it.

    A function of `threading.settrace` or `threading.setprofile` that raises would end the thread
    before it begins. Then the work is done by another one, which begins without that function, and
    the log says so. Nobody can join that one: for its joiner it has ended.

    Raises:
        RuntimeError: The system gives no further thread.
    """
    if threading.gettrace() is None and threading.getprofile() is None:
        thread = Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread
    begun, claim = Event(), Lock()

    def run() -> None:
        if claim.acquire(blocking=False):
            begun.set()
            work()

    def run_untraced() -> None:
        current_thread().name = name
        work()

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    looks = 0
    while not begun.wait(LOOK):
        looks += 1
        # On CPython 3.11 it may also turn for ever, where it should end.
        if (not thread.is_alive() or looks > MOST_LOOKS) and claim.acquire(blocking=False):
            text = "a function of `threading.settrace` or `setprofile` has ended the thread `%s`"
            report(log, f"{text} before it began: it begins without", name, level=logging.WARNING)
            start_new_thread(run_untraced, ())
            break
    return thread
