"""Bodies of calls, as a page sends them."""

from enum import Enum
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic_core import to_json


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
    """Bytes travel as they are, `UNSET` not at all, everything else as JSON."""
    if value is UNSET:
        return Body("none", b"")
    if isinstance(value, bytes | bytearray | memoryview):
        return Body("raw", bytes(cast("bytes", value)))
    return Body("json", to_json(value))
