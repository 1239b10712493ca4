"""Encodes the bodies of calls like a page does."""

from contextlib import suppress
from enum import Enum
from json import dumps
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from ..._values.binary import number_of, raw
from ..._windows.page import DECODER


class _Unset(Enum):
    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset.UNSET
"""No body at all, as `pyInvoke("name")` sends none. `None` is the body `null`."""


class Body(NamedTuple):
    """The body of a call, encoded, beside its head."""

    kind: Literal["json", "raw", "none"]
    data: bytes


def body_of(value: Any) -> Body:
    """Bytes, and buffers of numbers, travel as they are, `UNSET` not at all, all else as JSON: NaN
    as `null`, as `JSON.stringify` writes it.
    """
    if value is UNSET:
        return Body("none", b"")
    if isinstance(value, bytes | bytearray | memoryview):
        return Body("raw", bytes(raw(cast("Any", value))))
    try:
        data = to_json(value, inf_nan_mode="null", fallback=number_of)
    except PydanticSerializationError:
        with suppress(TypeError):
            return Body("raw", bytes(raw(value)))  # an array, say
        # Half a character is refused by the host, as it is when a page sends it.
        data = dumps(to_jsonable_python(value, inf_nan_mode="null")).encode()
    if b"NaN" in data or b"Infinity" in data:
        DECODER.decode(data.decode())  # refuses what a model has written of them
    return Body("json", data)
