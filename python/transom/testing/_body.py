"""Bodies of calls, as a page sends them."""

from contextlib import suppress
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic_core import PydanticSerializationError, to_json

from .._bytes import raw
from .._page import DECODER


class _Unset(Enum):
    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset.UNSET
"""No body at all, as `pyInvoke("name")` sends none. `None` is the body `null`."""


class Body(NamedTuple):
    """What travels beside the head."""

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
        data = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        with suppress(TypeError):
            return Body("raw", bytes(raw(value)))  # an array, say
        raise
    if b"NaN" in data or b"Infinity" in data:
        DECODER.decode(data.decode())  # refuses what a model has written of them
    return Body("json", data)
