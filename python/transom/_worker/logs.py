"""Sends a worker's log records to the host, with their level and logger."""

import logging
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from .. import _fork
from .._call.interrupt import here
from .._executors.surroundings import unpack
from .._observe.failures import trace_of
from .._observe.records import in_short
from .link.frames import LOG, Outlet

FURTHER = 32
"""How many values of `extra` are sent."""
LONGEST_FURTHER = 1024

ALONG = (
    "created",
    "filename",
    "funcName",
    "levelname",
    "levelno",
    "lineno",
    "module",
    "msecs",
    "name",
    "pathname",
    "process",
    "relativeCreated",
    "thread",
    "threadName",
)
"""The attributes of a record that are sent as they are."""
KNOWN = {*vars(logging.makeLogRecord({})), "message", "asctime"}


class HostHandler(logging.Handler):
    """Sends records to the host, or to stderr in a fork of the worker, which has no link."""

    def __init__(self, link: Outlet, worker: str) -> None:
        super().__init__()
        self._link: Outlet | None = link
        self._worker = worker

    def forget(self) -> None:
        """Notes that this process is a fork."""
        self._link = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            head = self._head(record)
        except Exception:  # noqa: BLE001
            # As `logging` treats a message that its arguments do not fit.
            self.handleError(record)
            return
        if self._link is None:
            sys.stderr.write("".join(f"{it}\n" for it in (head["msg"], head["exc_text"]) if it))
            return
        # Half a frame would end the link.
        with nullcontext() if here.interrupt is None else here.interrupt.shield():
            self._link.send(LOG, head)

    def _head(self, record: logging.LogRecord) -> dict[str, Any]:
        about = vars(record)
        error = record.exc_text
        if error is None and record.exc_info and record.exc_info[1]:
            error = trace_of(record.exc_info[1])
        texts = {"msg": record.getMessage(), "exc_text": error, "stack_info": record.stack_info}
        return {
            **further(about),
            **{name: about[name] for name in ALONG},
            **{name: text and sendable(in_short(text)) for name, text in texts.items()},
            "processName": self._worker,
        }


def sendable(text: str) -> str:
    """The text, with what UTF-8 cannot express written as escapes."""
    return text.encode(errors="backslashreplace").decode()


def further(about: Mapping[str, Any]) -> dict[str, Any]:
    """The values that `extra` has added, as far as JSON can express them directly."""
    plain = {
        name: value[:LONGEST_FURTHER] if isinstance(value, str) else value
        for name, value in about.items()
        if name not in KNOWN and isinstance(value, str | int | float | bool | None)
    }
    return dict([*plain.items()][:FURTHER])


def join(link: Outlet, worker: str, levels: Mapping[str, int]) -> None:
    """Sends this process's log records to the host, with the levels of the loggers there."""
    handler = HostHandler(link, worker)
    logging.root.addHandler(handler)
    for name, level in levels.items():
        logging.getLogger(unpack(name) or None).setLevel(level)
    _fork.duties.append(handler.forget)
