"""Ends a process that cannot end by itself: an async command blocks the portal's event loop."""

import atexit
import faulthandler
import json
import logging
import os
import sys
import threading

from ._native import App, Host

GRACE = 1.5
"""Seconds that a blocked event loop gets after the app has ended and everything was cancelled."""

log = logging.getLogger("transom")


def guard_exit(app: App, host: Host, code: int) -> None:
    """Leaving `with start_blocking_portal()` waits for the event loop. When a command blocks it,
    this ends the process with `code` after the grace: it prints where each thread stands, and runs
    what is registered with `atexit`.

    Does nothing when no command is left on the event loop.
    """
    if not _blocks(host):
        return
    # Python code cannot run while a C function keeps the GIL: these need none.
    faulthandler.dump_traceback_later(GRACE + 0.2)
    doom = app.end_process_in(GRACE + 1, code)

    def watch() -> None:
        host.drain(GRACE)
        faulthandler.cancel_dump_traceback_later()
        if not _blocks(host):
            doom.avert()
            return
        log.critical("an async command blocks the event loop; the process ends without it")
        faulthandler.dump_traceback()
        try:
            atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] - there is no other way now
        finally:
            flush()
            os._exit(code)

    threading.Thread(target=watch, name="transom-exit", daemon=True).start()


def flush() -> None:
    """For a process that ends without Python's clean-up."""
    for stream in (sys.stdout, sys.stderr):
        # `None` without a console.
        if stream is not None:  # pyright: ignore[reportUnnecessaryComparison]
            stream.flush()


def _blocks(host: Host) -> bool:
    executors = json.loads(host.gauges())["executors"]
    return executors.get("async", {"running": 0})["running"] > 0
