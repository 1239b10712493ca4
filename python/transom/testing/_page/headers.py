"""Encodes the headers of a call like a page and its webview do."""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from .errors import InvokeError

HeadersInit = Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]
"""Headers of a call: names and Latin-1 text, which arrives as UTF-8; bytes arrive as they are."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def headers_of(given: HeadersInit | None, command: str) -> list[tuple[str, bytes]]:
    """One pair for each name, ordered by name. The values of a name are joined.

    Raises:
        InvokeError: They cannot be sent; it says why.
    """
    pairs: Iterable[tuple[str, str | bytes]]
    if isinstance(given, Mapping):
        pairs = cast("Mapping[str, str | bytes]", given).items()
    else:
        pairs = given or ()
    values: dict[str, list[bytes]] = {}
    for name, value in pairs:
        if _NAME.fullmatch(name) is None:
            raise _refusal(command, f"{name!r} is no name of a header")
        values.setdefault(name.lower(), []).append(_bytes_of(name, value, command))
    return [
        (name, b", ".join(values[name]))
        for name in sorted(values)
        if name != "transom" and not name.startswith("tauri-")
    ]


def _bytes_of(name: str, value: str | bytes, command: str) -> bytes:
    if isinstance(value, str) and any(character > "\xff" for character in value):
        raise _refusal(command, f'the value of "{name}" is no Latin-1 text')
    data = (value.encode() if isinstance(value, str) else value).strip(b" \t\r\n")
    if _CONTROL_CHARACTER.search(data):
        raise _refusal(command, f'the value of "{name}" has a control character')
    return data


def _refusal(command: str, why: str) -> InvokeError:
    text = f'The headers for "{command}" cannot be sent: {why}'
    return InvokeError("invalid-argument", text, command=command, details={"started": False})
