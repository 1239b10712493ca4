"""Serves doubles of calls on threads, and ends these."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

from doubles import QueueInbox

from transom._executors.threads import Threads

LIMIT = 120.0
"""Seconds after which something that must happen has not."""


def started(inbox: QueueInbox, run: Callable[[Any], None], threads: int, name: str) -> None:
    Threads(name, cast("Any", inbox), run, threads).start()


def alive(name: str) -> list[threading.Thread]:
    prefix = f"transom-{name}-"
    return [t for t in threading.enumerate() if t.name.startswith(prefix)]


def end(inbox: QueueInbox, name: str) -> None:
    until = monotonic() + LIMIT
    # One at a time: a thread that ends by itself may start another meanwhile.
    while threads := alive(name):
        assert monotonic() < until, threads
        inbox.put(None)
        threads[0].join(0.05)
