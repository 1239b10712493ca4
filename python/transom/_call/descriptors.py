"""Ends an app whose descriptors a command has closed, as `os.closerange(3, 65536)` does.

Those of the window system, of the event loops and of the actors are gone then. The app could
neither go on nor end in order: it would stand still, or abort a little later.
"""

import logging
import os
import sys
from contextlib import suppress

from .. import _fork
from .._observe.failures import report

FAILED = 70
"""The exit code, as when a part of the app fails without which it cannot go on."""
CLOSED = (
    "a command, %s or one beside it, has closed descriptors of the app, which cannot go on without "
    "them and ends with the code %d: close only what the command has opened; `subprocess` closes "
    "all others in the child by itself"
)

log = logging.getLogger("transom")

_sentinel: tuple[int, tuple[int, int]] | None = None
"""A descriptor that nobody closes who knows what he closes, and which file it is."""


def watch() -> None:
    """Watches this process from now on. To be called when an app is built."""
    global _sentinel  # noqa: PLW0603
    if _sentinel is not None and _file(_sentinel[0]) == _sentinel[1]:
        return
    descriptor, other = os.pipe()
    os.close(other)
    if (file := _file(descriptor)) is not None:
        _sentinel = descriptor, file


def check(command: str) -> None:
    """Ends this process if its descriptors were closed. Costs 1 µs."""
    if _sentinel is None or _fork.forked or _file(_sentinel[0]) == _sentinel[1]:
        return
    report(log, CLOSED, f"`{command}`", FAILED, level=logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(FAILED)


def _file(descriptor: int) -> tuple[int, int] | None:
    """Which file it is: its number may have another one. `None`: it is closed."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino
