"""Keeps the app-wide handlers of menus and tray icons, and has them called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..._native import Subscription
from ...errors import WindowClosed
from .._desktop.lanes import Hearing, LaneHandler, Lanes


@dataclass(eq=False)
class MenuListener:
    """A handler, and whose it is."""

    handler: LaneHandler
    owner: Callable[[], Any]
    """What it is called with first. `WindowClosed`: it is called no more."""
    of: str | None = None
    """The tray icon that it is for. `None`: everything."""


class Subscribed:
    """A double of a `Subscription`."""

    def __init__(self, remove: Callable[[], object]) -> None:
        self._remove = remove

    @property
    def __class__(self) -> Any:
        return Subscription

    @__class__.setter
    def __class__(self, _: type) -> None:
        raise TypeError("a Subscription stays one")

    def remove(self) -> None:
        self._remove()


class Listeners:
    """Handlers in the order in which they were added. It is used under the lock of the desktop."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._all = list[MenuListener]()

    def add(self, handler: Any, owner: Callable[[], Any], of: str | None = None) -> Subscribed:
        listener = MenuListener(LaneHandler(handler), owner, of)
        self._all.append(listener)
        return Subscribed(lambda: self._keep(lambda it: it is not listener))

    def forget(self, of: str) -> None:
        """Removes those of one tray icon."""
        self._keep(lambda it: it.of != of)

    def _keep(self, chosen: Callable[[MenuListener], bool]) -> None:
        self._all = [it for it in self._all if chosen(it)]

    def tell(self, event: object, hearing: Hearing, of: str | None = None) -> None:
        for listener in list(self._all):
            if listener.of not in (None, of):
                continue
            try:
                owner = listener.owner()
            except WindowClosed:
                self._keep(lambda it, gone=listener: it is not gone)
                continue
            hearing.add()
            self._lanes.post(listener.handler, (owner, event), hearing.end)
