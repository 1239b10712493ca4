"""Keeps what the app's own loops and threads need of Python from what commands do to all of it.

Commands, and libraries that they use, replace functions for the whole process: a `mock.patch` of
`time.monotonic`, a `freeze_time` of freezegun that is held over calls.
"""

import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

LEAST_DEPTH = 300
"""The lowest recursion limit under which calls are served and failures are logged."""
TOO_LOW = (
    "cannot set the recursion limit to {limit}: it holds for all threads of the process, and an "
    "app needs {least} at least"
)


class Clock:
    """The functions of `time` that were there when `transom` was imported.

    They are in a class because freezegun replaces them under any name that a module has for them.
    """

    monotonic = staticmethod(time.monotonic)
    perf_counter = staticmethod(time.perf_counter)
    sleep = staticmethod(time.sleep)


def keep_recursion_limit() -> None:
    """Has Python refuse a recursion limit that is too low for the app, as it refuses one that is
    too low for the code that asks: with `RecursionError`. The event loop would end.
    """
    module = cast("Any", sys)
    if not hasattr(module.setrecursionlimit, "__wrapped__"):
        module.setrecursionlimit = refusing_low(sys.setrecursionlimit)


def refusing_low(change: Callable[[int], None]) -> Callable[[int], None]:
    """Python's `sys.setrecursionlimit`, but for low limits."""

    @wraps(change)
    def setrecursionlimit(limit: int, /) -> None:
        if isinstance(cast("Any", limit), int) and 0 < limit < LEAST_DEPTH:
            raise RecursionError(TOO_LOW.format(limit=limit, least=LEAST_DEPTH))
        change(limit)

    return setrecursionlimit
