"""Starts threads that serve calls, whatever functions a program has set to trace threads."""

import logging
import threading
from _thread import start_new_thread
from collections.abc import Callable
from threading import Event, Thread, current_thread

from .._observe.failures import report

LOOK = 0.05
"""Seconds between two looks whether a thread has ended before it began."""

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
    begun = Event()

    def run() -> None:
        begun.set()
        work()

    def run_untraced() -> None:
        current_thread().name = name
        work()

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    while not begun.wait(LOOK):
        if not thread.is_alive() and not begun.is_set():
            text = "a function of `threading.settrace` or `setprofile` has ended the thread `%s`"
            report(log, f"{text} before it began: it begins without", name, level=logging.WARNING)
            start_new_thread(run_untraced, ())
            break
    return thread
