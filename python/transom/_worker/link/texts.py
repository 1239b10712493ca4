"""Finds JSON that JavaScript could not parse, or would read as a different number.

`src/ipc/json.rs` does the same in the host.
"""

import json
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn, cast

from pydantic_core import from_json

LAST_EXACT = str(1 << 53)
"""JavaScript represents every integer up to this one."""

BEFORE = b"[:, \t\r\n-"
"""The characters that can stand before an integer."""
SHAPE = bytes(0x30 if 0x30 <= it <= 0x39 else 0x3A if it in BEFORE else 0x78 for it in range(256))
"""A translation: digits become `0`, what can stand before an integer `:`, all else `x`."""
LONG = b":" + b"0" * len(LAST_EXACT)
"""What a text with an integer as long as 2**53 + 1 contains after that translation."""


def written(text: str) -> bytes:
    """Encodes what pydantic has written. `ValueError`: a page could not read it as it is meant.

    Looks closer only where there may be something: that takes as long as to read all of it.
    """
    data = text.encode()
    if b"NaN" in data or b"Infinity" in data or _may_round(data):
        _read(text)
    return data


def checked(what: str, text: str) -> bytes:
    """Encodes what other code has written, with the checks of `written`."""
    if not isinstance(cast("Any", text), str):
        raise TypeError(f"`{what}` must be JSON text, got {type(text).__name__}")
    try:
        data = text.encode()
        if not _is_plain(text) or _may_round(data):
            _read(text)
    except ValueError as error:
        raise ValueError(f"`{what}` must be JSON text: {error}") from None
    return data


def _is_plain(text: str) -> bool:
    """Whether it is JSON without deep nesting and lone surrogates: five times as fast."""
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def _may_round(data: bytes) -> bool:
    return len(data) >= len(LAST_EXACT) and (
        LONG in data.translate(SHAPE) or data[0] in b"-0123456789"
    )


def _read(text: str) -> None:
    try:
        STRICT.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _constant(word: str) -> NoReturn:
    raise ValueError(
        f"JSON has no word for NaN and infinity (`{word}`): with pydantic's `ser_json_inf_nan` "
        "they become null or text"
    )


def _integer(digits: str) -> Any:
    unsigned = digits.removeprefix("-")
    if len(unsigned) < len(LAST_EXACT) or _is_number_of_javascript(unsigned):
        return 0
    raise ValueError(
        f"JavaScript has no number {digits}, a page would read another one: beyond 2**53 give an "
        "integer as text, for example by `Annotated[int, PlainSerializer(str)]`"
    )


def _is_number_of_javascript(digits: str) -> bool:
    if len(digits) == len(LAST_EXACT) and digits <= LAST_EXACT:
        return True
    number = float(digits)
    # Exactly, or as JavaScript itself writes that number: a page may have sent it.
    return isfinite(number) and digits in (f"{number:.0f}", f"{Decimal(repr(number)):f}")


STRICT = json.JSONDecoder(parse_constant=_constant, parse_int=_integer)
