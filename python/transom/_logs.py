"""Where log records go: Rust's to Python's `logging`, and to stderr when nobody else takes them."""

import logging
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from ._native import close_logs, forward_logs, take_logs

VARIABLE = "TRANSOM_LOG"
TRACE = 5
"""The actors' steps; below `logging.DEBUG`."""
LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
FLUSH = 1.0
"""Seconds that the last lines get at the end of an app."""

log = logging.getLogger("transom")


class FallbackHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr until the app configures logging."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            super().emit(record)


def configure() -> None:
    """Does what `TRANSOM_LOG` says. Without it levels and handlers are the app's."""
    name = os.environ.get(VARIABLE, "").lower()
    if not name:
        return
    level = LEVELS.get(name)
    if level is None:
        log.warning("%s=%s is none of %s", VARIABLE, name, ", ".join(LEVELS))
        return
    log.setLevel(level)
    if level == TRACE and logging.getLevelName(TRACE) == f"Level {TRACE}":
        logging.addLevelName(TRACE, "TRACE")
    if not log.hasHandlers():
        log.addHandler(FallbackHandler())


@contextmanager
def forwarded() -> Generator[None]:
    """Inside, Rust's records reach the logger `transom`, from the level that it has now."""
    if not forward_logs(max(0, min(log.getEffectiveLevel(), 255))):
        yield
        return
    thread = threading.Thread(target=_forward, name="transom-logs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        close_logs()
        thread.join(FLUSH)


def _forward() -> None:
    while (lines := take_logs()) is not None:
        for level, target, text in lines:
            _logger(target).log(level, "%s", text)


def _logger(target: str) -> logging.Logger:
    """Ours is `transom`; that of another crate is below it."""
    crate = target.partition("::")[0]
    return log if crate == log.name else log.getChild(crate)
