"""Moves the states of an app to the new forms of their classes."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

from .graph import RestartError
from .modules import resolve

Kept = list[dict[type[Any], list[Any]]]
"""The dictionaries of the app and its windows: each state in a list of one, by its class."""


class States:
    """The states whose classes were replaced before."""

    def __init__(self) -> None:
        self._old: list[tuple[dict[type[Any], list[Any]], type[Any]]] = []
        """Where the classes before the newest are still known, for calls that run the old code."""

    def move(self, kept: Kept, new: Mapping[str, ModuleType]) -> None:
        """Gives the states the new classes of their names, and has them found by these.

        Raises:
            RestartError: A class is gone, or its objects are laid out differently. Nothing is
                changed then.
        """
        before_last = {(id(states), old) for states, old in self._old}
        moves = [
            (states, old, cls)
            for states in kept
            for old in list(states)
            if (id(states), old) not in before_last
            and old.__module__ in new
            and (cls := _newest(old, new)) is not old
        ]
        moved: list[tuple[Any, type[Any]]] = []
        try:
            for states, old, cls in moves:
                state = states[old][0]
                before = cast("type[Any]", type(state))
                if before is cls:
                    continue
                state.__class__ = cls
                moved.append((state, before))
        except TypeError as error:
            for state, before in moved:
                state.__class__ = before
            raise RestartError(f"a state cannot take its new class: {error}") from error
        # Classes of other modules keep their entry until their own next move.
        homes = {old.__module__ for _, old, _ in moves}
        for states, old in self._old:
            if old.__module__ in homes:
                states.pop(old, None)
        for states, old, cls in moves:
            states[cls] = states[old]
        self._old = [it for it in self._old if it[1].__module__ not in homes]
        self._old += [(states, old) for states, old, _ in moves]


def _newest(old: type[Any], new: Mapping[str, ModuleType]) -> type[Any]:
    found = resolve(new, old.__module__, old.__qualname__)
    if not isinstance(found, type):
        raise RestartError(
            f"the class `{old.__qualname__}` of a state is not in the new `{old.__module__}`"
        )
    return found
