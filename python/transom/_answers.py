"""Hands results and items to their call, JSON or bytes."""

from collections.abc import Callable
from typing import Any

from . import _fork
from ._native import Call
from ._results import Encoded, ResultError


def answer(call: Call, result: Encoded) -> None:
    """Ends the call with JSON text or bytes. A fork that has come back from a command ends.

    Raises:
        ResultError: A page could not read the text as it is meant. The call has not ended.
    """
    if _fork.forked:
        _fork.leave()
    if isinstance(result, str):
        try:
            call.resolve_json(result)
        except ValueError as error:
            raise ResultError(str(error)) from error
    else:
        call.resolve_raw(result)


def pusher(call: Call) -> Callable[[Any], bool | None]:
    """Sends an item by its type; raises as `answer` does."""
    push_json, push_raw = call.push_json, call.push_raw

    def push(data: Encoded) -> bool | None:
        if not isinstance(data, str):
            return push_raw(data)
        try:
            return push_json(data)
        except ValueError as error:
            raise ResultError(str(error)) from error

    return push
