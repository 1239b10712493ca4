"""Keeps which menus an app and its windows show, and tells who is told when an item is chosen."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from ..._native import Position
from .._desktop.lanes import Hearing, LaneHandler, Lanes
from .accelerators import chosen_by
from .containers import AMenu, ASubmenu, choose
from .items import Choice
from .listeners import Listeners, Subscribed


class Popup(NamedTuple):
    """A context menu that was shown."""

    menu: Any
    """The `Menu` or `Submenu`."""
    position: Position | None
    """Where in the window. `None`: where the mouse was."""


@dataclass
class Bar:
    """The menus that a window shows."""

    menu: AMenu | None = None
    is_of_app: bool = False
    visible: bool = False
    popups: list[Popup] = field(default_factory=list[Popup])
    """The context menus so far."""
    open: Popup | None = None
    """The context menu that is open."""

    def show(self, menu: AMenu | None, *, is_of_app: bool = False) -> AMenu | None:
        """Shows another menu; returns the one before."""
        before, self.menu = self.menu, menu
        self.is_of_app, self.visible = is_of_app, menu is not None
        return before


class Menus:
    """The menus of an app."""

    def __init__(
        self, lock: threading.RLock, lanes: Lanes, bars: Callable[[], Sequence[Bar]]
    ) -> None:
        """`bars()` gives those of the open windows."""
        self.lock = lock
        self._lanes = lanes
        self._bars = bars
        self._listeners = Listeners(lanes)
        self._armed = WeakValueDictionary[int, Choice]()
        """The items that are, or were, in a menu."""
        self.of_app: AMenu | None = None

    def armed(self, item: Choice) -> None:
        with self.lock:
            self._armed[id(item)] = item

    def listen(self, handler: Any, owner: Callable[[], Any]) -> Subscribed:
        with self.lock:
            return self._listeners.add(handler, owner)

    # What the app shows.

    def new_bar(self, menu: AMenu | None) -> Bar:
        """That of a new window, with its own menu or that of the app."""
        bar = Bar()
        bar.show(menu or self.of_app, is_of_app=menu is None)
        return bar

    def set_of_app(self, menu: AMenu | None) -> AMenu | None:
        with self.lock:
            before, self.of_app = self.of_app, menu
            for bar in self._bars():
                if bar.is_of_app or bar.menu is None:
                    bar.show(menu, is_of_app=menu is not None)
            return before

    def set_visible(self, visible: bool) -> None:
        with self.lock:
            for bar in self._bars():
                if bar.is_of_app and bar.menu is not None:
                    bar.visible = visible

    # What the user chooses.

    def choose(
        self, menu: AMenu | ASubmenu | None, path: str | Sequence[str], where: str
    ) -> Hearing:
        """Chooses an item; see `containers.choose`."""
        with self.lock:
            return self._chosen(choose(menu, path, where))

    def press(self, menu: AMenu | None, keys: str, where: str) -> Hearing:
        """Chooses an item by its accelerator; see `accelerators.chosen_by`."""
        with self.lock:
            return self._chosen(chosen_by(menu, keys, where))

    def _chosen(self, item: Choice) -> Hearing:
        hearing = Hearing()
        with self.lock:
            item.chosen()
            # An app tells by id, so it tells every item that has this one.
            for click in [it.click() for it in self._armed.values() if it.id() == item.id()]:
                if click is not None:
                    hearing.add()
                    self._lanes.post(LaneHandler(click), (), hearing.end)
            self._listeners.tell(item.id(), hearing)
        hearing.end()
        return hearing

    def choose_in(self, bar: Bar, path: str | Sequence[str], where: str) -> Hearing:
        """Chooses an item of the context menu that is open, which closes it."""
        with self.lock:
            if bar.open is None:
                raise LookupError(f"{where} shows no context menu")
            hearing = self.choose(bar.open.menu, path, where)
            bar.open = None
            return hearing
