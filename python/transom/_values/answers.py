"""Sends results and stream items to their call, as JSON or bytes."""

from collections.abc import Callable
from typing import Any, cast

from .. import _fork
from .._native import Call
from .results import BYTES, Encoded, ResultError


def answer(call: Call, result: Encoded) -> None:
    """Ends the call with JSON text or bytes. A fork that has returned from a command exits here.

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
        call.resolve_raw(checked(result))


def pusher(call: Call) -> Callable[[Any], bool | None]:
    """A function that sends an item by its type. It raises like `answer`."""
    push_json, push_raw = call.push_json, call.push_raw

    def push(data: Encoded) -> bool | None:
        if not isinstance(data, str):
            return push_raw(checked(data))
        try:
            return push_json(data)
        except ValueError as error:
            raise ResultError(str(error)) from error

    return push


def checked(data: Any) -> bytes | memoryview:
    """The bytes. `ResultError`: a handler of the app's own has returned something else."""
    if not isinstance(data, BYTES):
        raise ResultError(f"expected JSON text or bytes, got {type(data).__name__}")
    return cast("bytes", data)
