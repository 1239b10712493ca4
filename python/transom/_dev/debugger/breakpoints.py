"""Tells when a thread of this process stands at a breakpoint."""

import threading
from collections.abc import Callable
from typing import Any

from . import library

Tell = Callable[[], object]


def watch(stopped: Tell, goes_on: Tell) -> None:
    """Has `stopped` called when a thread stops in the debugger, and `goes_on` when it goes on.

    Both run on that thread, while others of this process may stand still with any lock that Python
    code holds, so they must take none. Call it when debugpy runs.
    """
    debugger = library.pydevd().PyDB
    wait = debugger.do_wait_suspend

    def wait_and_tell(*args: Any, **kwargs: Any) -> Any:
        stopped()
        try:
            return wait(*args, **kwargs)
        finally:
            goes_on()

    # Breakpoints, steps, exceptions and the pause button all come by here.
    debugger.do_wait_suspend = wait_and_tell


def spare(thread: threading.Thread) -> threading.Thread:
    """Keeps the debugger from stopping a thread together with the others."""
    about: Any = thread
    about.pydev_do_not_trace = about.is_pydev_daemon_thread = True
    return thread
