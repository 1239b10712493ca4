"""Keeps what an app declares beside its commands: events, and functions that pages expose."""

from collections import UserDict
from collections.abc import Mapping
from typing import Any, TypeVar

from .. import _swapping

T = TypeVar("T")


class Declared(UserDict[str, T]):
    """Declarations of one kind, by name. Each is made once; a swap of the code replaces them."""

    def __init__(self, kind: str) -> None:
        """`kind` is what one of them is called."""
        self._kind = kind
        self._origins: dict[str, str | None] = {}
        super().__init__()

    def add(self, name: str, value: T) -> None:
        """Adds a declaration. `ValueError`: there is one of that name."""
        if (stage := _swapping.stage.get()) is not None:
            stage.put(self, name, None, value)
            return
        if name in self.data:
            raise ValueError(f"The {self._kind} `{name}` is declared already: give it another name")
        self.data[name] = value
        self._origins[name] = _swapping.importing()

    def swap(self, new: Mapping[str, tuple[Any, T, str | None]], modules: frozenset[str]) -> None:
        """Puts `new` in the place of all that these modules have declared before."""
        for name in [it for it, origin in self._origins.items() if origin in modules]:
            del self.data[name], self._origins[name]
        for name, (_, value, origin) in new.items():
            self.data[name] = value
            self._origins[name] = origin
