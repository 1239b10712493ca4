"""Provides the doubles of menus and submenus, and finds the items in them."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import index
from typing import Any, Final, Protocol, cast

from ..._native import ContextMenu, Menu, Position, Submenu
from .items import Choice, Enabled, Item, Named
from .windows import window_of

DEEPEST: Final = 16
_lock: Final = threading.RLock()


class Shows(Protocol):
    """What shows menus."""

    def armed(self, item: Choice, /) -> None:
        """Notes that an item is in a menu, where it can be chosen."""
        ...


class Items:
    """What holds items."""

    def __init__(self, shows: Shows) -> None:
        self._shows = shows
        self._items = list[Item]()
        self._level = 0
        """How many menus have been above it, at most."""

    def append(self, item: Any, /) -> None:
        self._add([item], None)

    def append_items(self, items: Iterable[Any], /) -> None:
        self._add(items, None)

    def prepend(self, item: Any, /) -> None:
        self._add([item], 0)

    def prepend_items(self, items: Iterable[Any], /) -> None:
        self._add(items, 0)

    def insert(self, item: Any, position: int, /) -> None:
        self._add([item], _position(position))

    def insert_items(self, items: Iterable[Any], position: int, /) -> None:
        self._add(items, _position(position))

    def remove(self, item: Any, /) -> None:
        with _lock:
            for at, it in enumerate(self._items):
                if it is item:
                    del self._items[at]
                    return
        raise ValueError("the item is not in this menu")

    def remove_at(self, position: int, /) -> Item | None:
        at = _position(position)
        with _lock:
            return self._items.pop(at) if at < len(self._items) else None

    def get(self, own_id: str, /) -> Item | None:
        return next((it for it in self.items() if it.id() == own_id), None)

    def items(self) -> list[Item]:
        with _lock:
            return list(self._items)

    def popup(self, window: Any, /) -> None:
        ContextMenu.popup(cast("Menu", self), window)

    def popup_at(self, window: Any, position: Position, /) -> None:
        ContextMenu.popup_at(cast("Menu", self), window, position)

    def _add(self, given: Iterable[Any], at: int | None) -> None:
        items = [_checked(it) for it in given]
        for item in items:
            if isinstance(item, Choice):
                self._shows.armed(item)
        with _lock:
            there = len(self._items)
            at = there if at is None else at
            if at > there:
                raise IndexError(
                    f"position {at} is behind the end of the menu, which has {there} items"
                )
            before = list(self._items)
            try:
                for place, item in enumerate(items, at):
                    self._add_one(item, place)
            except ValueError:
                self._items = before
                raise

    def _add_one(self, item: Item, at: int) -> None:
        if isinstance(item, ASubmenu):
            if item.holds(self):
                raise ValueError(f"the submenu `{item.id()}` would be in itself")
            if self._level + 1 + item.height() > DEEPEST:
                raise ValueError(f"menus can be nested {DEEPEST} deep, not more")
            item.sink(self._level + 1)
        if any(it.id() == item.id() for it in self._items):
            raise ValueError(f"an item with the id `{item.id()}` is in this menu already")
        self._items.insert(at, item)

    def submenus(self) -> "Iterator[ASubmenu]":
        return (it for it in self._items if isinstance(it, ASubmenu))

    def holds(self, other: "Items") -> bool:
        """Whether `other` is this, or below it."""
        return self is other or any(it.holds(other) for it in self.submenus())

    def height(self) -> int:
        """How many menus are nested here, this one included."""
        return 1 + max((it.height() for it in self.submenus()), default=0)

    def sink(self, level: int) -> None:
        self._level = max(self._level, level)
        for it in self.submenus():
            it.sink(level + 1)


class AMenu(Named, Items):
    """A double of a menu."""

    plays = Menu

    def __init__(self, handle: Callable[[], Any], own_id: str | None, shows: Shows) -> None:
        Named.__init__(self, handle, own_id)
        Items.__init__(self, shows)

    def set_as_app_menu(self) -> None:
        self._handle().set_menu(self)

    def set_as_window_menu(self, window: Any, /) -> None:
        window_of(window).show_menu(self)


class ASubmenu(Enabled, Items):
    """A double of a menu in a menu."""

    plays = Submenu

    def __init__(
        self,
        handle: Callable[[], Any],
        own_id: str | None,
        text: str,
        enabled: bool,
        shows: Shows,
    ) -> None:
        Enabled.__init__(self, handle, own_id, text, enabled)
        Items.__init__(self, shows)


def check_menu(menu: object) -> AMenu:
    """`TypeError`: it is no menu."""
    if not isinstance(menu, AMenu):
        raise TypeError(f"{menu.__class__.__name__!r} object is not an instance of 'Menu'")
    return menu


def check_any_menu(menu: object) -> AMenu | ASubmenu:
    """`TypeError`: it is neither a menu nor a submenu."""
    if not isinstance(menu, AMenu | ASubmenu):
        raise TypeError(
            f"expected a Menu or a Submenu, got {menu.__class__.__name__}; "
            "`Menu.from_description` makes one of a list"
        )
    return menu


def _checked(item: object) -> Item:
    if not isinstance(item, Item):
        raise TypeError(
            "an item of a menu is a MenuItem, CheckMenuItem, IconMenuItem, PredefinedMenuItem or "
            f"Submenu, not {item.__class__.__name__}"
        )
    return item


def _position(at: int) -> int:
    if index(at) < 0:
        raise ValueError(f"{at} is not a position, a number from 0")
    return at


# For tests.


def choose(menu: "AMenu | ASubmenu | None", path: str | Sequence[str], where: str) -> Choice:
    """The item that a user chooses at a path of ids or texts, such as `"file/open"`.

    Raises:
        LookupError: There is none.
        ValueError: A user could not choose it.
    """
    steps = path.split("/") if isinstance(path, str) else list(path)
    found: object = menu
    if menu is None:
        raise LookupError(f"{where} has no menu")
    for step in steps:
        if not isinstance(found, AMenu | ASubmenu):
            raise LookupError(f"{found!r} is no submenu, so it has no {step!r}")
        items = found.items()
        by_id = [it for it in items if it.id() == step]
        by_text = [it for it in items if _plain(it.text()) == step]
        if not (by_id or by_text):
            there = ", ".join(f"{it.id()!r} ({_plain(it.text())!r})" for it in items) or "nothing"
            raise LookupError(f"there is no item {step!r} in the menu of {where}; it has: {there}")
        found = (by_id or by_text)[0]
        if isinstance(found, Enabled) and not found.is_enabled():
            raise ValueError(f"nobody can choose {found!r}, which is disabled")
    if not isinstance(found, Choice):
        what = "a submenu" if isinstance(found, ASubmenu) else "carried out by the system"
        raise ValueError(f"{found!r} is {what}: no handler is called for it")
    return found


def _plain(text: str) -> str:
    """A text without its mnemonic."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
