"""Forwards Rust's log records to Python's `logging`, and to stderr if no handler is configured."""

import logging
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from json import loads
from typing import Any, TextIO

from .._native import close_logs, forward_logs, take_logs
from .failures import report

VARIABLE = "TRANSOM_LOG"
TRACE = 5
"""The log level of the actors' steps, below `logging.DEBUG`."""
LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
FLUSH = 1.0
"""Seconds that the last lines have at the end of an app."""

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
    """Configures logging by `TRANSOM_LOG`. Without it, levels and handlers are left to the app."""
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


class Forwarding:
    """Forwards Rust's records while somebody wants that: one app, or several test apps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._thread: threading.Thread | None = None

    def begin(self, level: int) -> None:
        """Starts forwarding. It goes on until `end` was called as often."""
        with self._lock:
            self._users += 1
            if forward_logs(max(0, min(level, 255))) and self._thread is None:
                self._thread = threading.Thread(target=_forward, name="transom-logs", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Stops forwarding with the last call, which waits for records that are still queued."""
        with self._lock:
            self._users -= 1
            thread = self._thread
            if self._users or thread is None:
                return
            self._thread = None
            close_logs()
        thread.join(FLUSH)


_forwarding = Forwarding()


@contextmanager
def forwarded(level: int | None = None) -> Generator[None]:
    """Forwards Rust's records to the logger `transom` inside the block, from `level` on.

    Without `level`, it is the current level of that logger.
    """
    _forwarding.begin(_level() if level is None else level)
    try:
        yield
    finally:
        _forwarding.end()


def _level() -> int:
    """From which level on Rust's records are wanted.

    Those below `INFO` come with each call. The app's loggers may all be at `DEBUG` for its own
    records, and a handler of theirs that calls the page would never come to an end. So they are
    wanted only if the logger `transom` itself has such a level.
    """
    level = log.getEffectiveLevel()
    return level if log.level else max(level, logging.INFO)


def _forward() -> None:
    while (lines := take_logs()) is not None:
        for level, target, text in lines:
            try:
                if level is None:
                    _repeat(text)
                elif level >= _level():
                    _logger(target).log(level, "%s", text)
            except BaseException as error:  # noqa: BLE001
                report(log, "a record could not be logged: %s", text, error=error)


def _repeat(text: str) -> None:
    """Logs a record of a worker's `logging` again, with the logger of the same name here."""
    about: dict[str, Any] = loads(text)
    logger = logging.getLogger(about["name"])
    if logger.isEnabledFor(about["levelno"]):
        logger.handle(logging.makeLogRecord(about))


def levels() -> dict[str, int]:
    """The levels that are set, by the names of their loggers. The root logger's name is `""`."""
    found = {"": logging.root.level}
    for name, logger in logging.root.manager.loggerDict.copy().items():
        if isinstance(logger, logging.Logger) and logger.level != logging.NOTSET:
            found[name] = logger.level
    return found


def _logger(target: str) -> logging.Logger:
    """The logger for records of a Rust crate: `transom` for ours, and a child of it for others."""
    crate = target.partition("::")[0]
    return log if crate == log.name else log.getChild(crate)
