"""Ends a process that cannot end by itself: an async command blocks the portal's event loop."""

import faulthandler
import json
import logging
import os
import threading

from ._native import Host

GRACE = 2.0
"""Seconds that a blocked event loop gets after the app has ended and everything was cancelled."""

log = logging.getLogger("transom")


def guard_exit(host: Host, code: int) -> None:
    """Leaving `with start_blocking_portal()` waits for the event loop. When a command blocks it,
    this ends the process with `code` after the grace, and prints where each thread stands.

    Does nothing when no command is left on the event loop.
    """
    if not _blocks(host):
        return
    # Python code cannot run while a C function keeps the GIL: then this ends the process.
    faulthandler.dump_traceback_later(2 * GRACE, exit=True)

    def watch() -> None:
        host.drain(GRACE)
        faulthandler.cancel_dump_traceback_later()
        if _blocks(host):
            log.critical("an async command blocks the event loop; the process ends without it")
            faulthandler.dump_traceback()
            os._exit(code)

    threading.Thread(target=watch, name="transom-exit", daemon=True).start()


def _blocks(host: Host) -> bool:
    executors = json.loads(host.gauges())["executors"]
    return executors.get("async", {"running": 0})["running"] > 0
