"""Reads what the windows of a test may do: from scope entries, capabilities, or an app's folder."""

from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import Any

from .._native import Authority, Scope

Entry = Mapping[str, str]
"""A scope entry of a capability file: `{"command": "render"}` or `{"window": "main"}`."""
Capabilities = Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""The folder of an app, or the contents of a capability file: one capability, or a list."""

EVERYTHING: Sequence[Entry] = ({"command": "*"}, {"window": "*"})
"""The same scope as `transom:default`."""


def authority_of(capabilities: Capabilities | None) -> Authority | None:
    """`ValueError` says what is wrong with them. `None`: there are none."""
    if capabilities is None:
        return None
    if isinstance(capabilities, Path):
        return Authority.of_folder(capabilities.absolute())
    return Authority.of_json(dumps(capabilities))


class Granted:
    """What one window may do, by the arguments of `TestApp.window`."""

    def __init__(
        self,
        authority: Authority | None,
        label: str,
        *,
        allow: Iterable[Entry] | None,
        deny: Iterable[Entry],
        capabilities: Capabilities | None,
    ) -> None:
        """`authority`: that of the app."""
        deny = list(deny)
        if capabilities is not None and (allow is not None or deny):
            raise TypeError("give either `capabilities`, or `allow` and `deny`")
        self._label = label
        self._authority = authority if capabilities is None else authority_of(capabilities)
        self._entries: Scope | None = None
        if self._authority is None or allow is not None or deny:
            granted = EVERYTHING if allow is None else list(allow)
            self._entries = Scope(dumps(granted), dumps(deny))

    def scope(self, origin: str | None) -> Scope | None:
        """What a page of the remote `origin`, or of the app itself, may do. `None`: nothing."""
        if self._entries is not None:
            return self._entries
        assert self._authority is not None
        return self._authority.scope(self._label, origin)
