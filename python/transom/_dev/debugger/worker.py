"""Joins the debugger of the app, in a worker process."""

import logging
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import GOES_ON, STOPPED, breakpoints, library

PATIENCE = 10.0
"""Seconds that a debugger has to attach to a new worker, and to set its breakpoints."""

log = logging.getLogger("transom.worker")


def join(debugger: Mapping[str, Any]) -> None:
    """Joins it. If a debugger is attached to the app, it is attached to this worker at the return.

    `debugger` is `transom._executors.surroundings.debugger` of the host.
    """
    try:
        host = socket.create_connection(tuple(debugger["stops"]))
        host.sendall(bytes.fromhex(debugger["token"]))
    except OSError:
        return  # the app ends
    host.setblocking(False)

    def tell(what: bytes) -> None:
        # The few bytes always fit, unless the host has ended.
        with suppress(OSError):
            host.send(what)

    # To start the debugger takes time too, of which the app knows nothing.
    tell(STOPPED)
    try:
        _attach(debugger)
        breakpoints.watch(lambda: tell(STOPPED), lambda: tell(GOES_ON))
    except Exception:
        log.exception("no debugger comes to this worker")
    finally:
        tell(GOES_ON)


def _attach(debugger: Mapping[str, Any]) -> None:
    debugpy, pydevd = library.debugpy(), library.pydevd()

    def give_up() -> None:
        if (current := pydevd.get_global_debugger()) is not None:
            current.ready_to_run = True

    # Some debuggers do not attach to processes that an app has started.
    timer = threading.Timer(PATIENCE, give_up)
    breakpoints.spare(timer).daemon = True
    timer.start()
    # `debugpy.connect` cannot say the token that a listening debugger asks of its other processes.
    # This waits for the debugger. Where none is attached to the app, it is told so at once.
    pydevd.settrace(
        **debugger["adapter"],
        protocol="dap",
        suspend=False,
        notify_stdin=False,
        patch_multiprocessing=True,
        dont_trace_start_patterns=(str(Path(debugpy.__file__).parent),),
    )
    timer.cancel()
