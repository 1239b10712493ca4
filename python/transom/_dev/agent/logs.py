"""Gives the app's log records to the tool, if the app itself has configured no logging."""

import logging
from collections.abc import Callable
from typing import Any

SOURCES = (("transom.worker", "worker"), ("transom.ipc", "python"), ("transom.dev", "transom"))
"""The sources of records, by the names of their loggers; of others it is Python."""

TellRecord = Callable[..., None]


class ToolHandler(logging.Handler):
    """Gives each record to the tool, unless the root logger has a handler of the app's."""

    def __init__(self, tell: TellRecord) -> None:
        super().__init__()
        self._tell = tell
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._tell(source_of(record), record.levelname.lower(), self.format(record))
        except Exception:  # noqa: BLE001 - as every handler of `logging` does
            self.handleError(record)


def source_of(record: logging.LogRecord) -> str:
    """Where a record comes from."""
    for name, source in SOURCES:
        if record.name == name or record.name.startswith(f"{name}."):
            return source
    # Rust's records come with no place in a file of Python's own; see `_observe/logs.py`.
    worker: Any = getattr(record, "worker", None)
    if worker is not None:
        return "worker"
    return "rust" if record.threadName == "transom-logs" else "python"


def install(tell: TellRecord) -> None:
    """Takes the records of the app, if it has set no handler by now."""
    root = logging.getLogger()
    if root.handlers:
        return
    if root.level == logging.WARNING:
        root.setLevel(logging.INFO)
    root.addHandler(ToolHandler(tell))
