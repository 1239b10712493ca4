"""Logs failures, and never raises itself, whatever the exception and the logging do.

An exception is an object of the app's: its texts, its notes, its class may raise when they are
read. So may a filter or a handler of the logging. Who reports is mostly a loop that serves others.
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from typing import Any

from ..errors import Cancelled
from .causes import traceback_of
from .records import in_short

LAST_WORDS = "transom: a failure could not be reported\n"


class _Code(int):
    """An exit code that can be told from others of the same value."""


RESTART = _Code(0)
"""The code of the `SystemExit` by which `AppHandle.restart` ends the code that has called it. No
subclass does: `threading` prints those."""


def is_restart(error: BaseException) -> bool:
    """Whether `AppHandle.restart` has raised this, which is no failure."""
    return type(error) is SystemExit and error.code is RESTART


def report(
    logger: logging.Logger,
    message: str,
    *args: object,
    error: BaseException | None = None,
    level: int = logging.ERROR,
) -> None:
    """Logs `message % args`, and the traceback of `error` if there is one.

    If the logging fails, it writes both to stderr, and why the logging did.
    """
    if error is not None and is_restart(error):
        return
    try:
        _log(logger, level, message, args, error)
    except BaseException as trouble:  # noqa: BLE001
        _write(message, args, error, trouble)


def name_of_type(error: BaseException) -> str:
    """The name of the exception's class, also if its metaclass hides that."""
    return str.__str__(vars(type)["__qualname__"].__get__(type(error)))


def describe(error: BaseException) -> str:
    """`repr(error)`, even if its `__repr__` fails."""
    try:
        return str.__str__(repr(error))
    except Cancelled:
        raise
    except BaseException:  # noqa: BLE001 - a broken `__repr__` must not break the answer
        return f"<{name_of_type(error)}>"


def trace_of(error: BaseException) -> str:
    """The traceback of an error as text, without its middle if it is long.

    Only the `Cancelled` of a call that is cut meanwhile comes out of it.
    """
    try:
        text = "".join(traceback.format_exception(error))
    except Cancelled:
        raise
    except BaseException:  # noqa: BLE001
        text = _plain_trace(error)
    return in_short(text.rstrip("\n"))


def _plain_trace(error: BaseException) -> str:
    """A traceback that asks the error for no more than its text."""
    try:
        text = str.__str__(str(error))
    except BaseException:  # noqa: BLE001
        text = "(its text cannot be read)"
    try:
        lines = "".join(traceback.format_tb(traceback_of(error)))
    except BaseException:  # noqa: BLE001
        lines = "  (its traceback cannot be read)\n"
    return f"Traceback (most recent call last):\n{lines}{name_of_type(error)}: {text}"


def _log(
    logger: logging.Logger,
    level: int,
    message: str,
    args: tuple[object, ...],
    error: BaseException | None,
) -> None:
    if not logger.isEnabledFor(level):
        return
    file, line, function, _ = logger.findCaller(stacklevel=3)
    about = None if error is None else (type(error), error, traceback_of(error))
    args = _readable(message, args)
    record = logger.makeRecord(logger.name, level, file, line, message, args, about, function)
    if error is not None:
        # What is there already no formatter makes again.
        record.exc_text = trace_of(error)
    logger.handle(record)


def _readable(message: str, args: tuple[object, ...]) -> tuple[object, ...]:
    """The arguments, or texts in their place if they cannot be written into the message."""
    try:
        str(message % args if args else message)
    except BaseException:  # noqa: BLE001
        return tuple(map(_text, args))
    return args


def _text(value: object) -> str:
    try:
        return str.__str__(repr(value))
    except BaseException:  # noqa: BLE001
        return object.__repr__(value)


def _write(
    message: str, args: tuple[object, ...], error: BaseException | None, trouble: BaseException
) -> None:
    text = LAST_WORDS
    try:
        args = _readable(message, args)
        lines: list[Any] = [message % args if args else message]
        if error is not None:
            lines.append(trace_of(error))
        lines.append(f"It could not be logged: {describe(trouble)}\n")
        text = "\n".join(lines)
        sys.stderr.write(text)
    except BaseException:  # noqa: BLE001
        _write_directly(text)


def _write_directly(text: str) -> None:
    """Writes past `sys.stderr`, which may be closed, `None`, or an object of the app's."""
    with suppress(BaseException):
        os.write(2, text.encode(errors="backslashreplace"))
