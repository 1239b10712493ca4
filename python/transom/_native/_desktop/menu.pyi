"""Describes menus."""

from collections.abc import Iterable
from typing import Final, TypeAlias, final

from ..._app.descriptions import MenuDescription
from .._app.app_handle import AppHandle
from .._app.manager import ImplManager
from .menu_items import CheckMenuItem, IconMenuItem, MenuItem, PredefinedMenuItem
from .values import Position
from .webview_window import WebviewWindow
from .window_sides import Window

WINDOW_SUBMENU_ID: Final[str]
"""The id of the submenu that macOS uses for windows."""
HELP_SUBMENU_ID: Final[str]
"""The id of the submenu that macOS uses for help."""

_Item: TypeAlias = MenuItem | CheckMenuItem | IconMenuItem | PredefinedMenuItem | Submenu

@final
class Subscription:
    """A handler that was added. It stays when this object goes."""

    def remove(self) -> None:
        """Remove the handler; does nothing the second time."""

def menu_handlers() -> int:
    """How many handlers of menu events there are, those of items included."""

@final
class Submenu:
    """A menu in a menu."""

    def __new__(cls, manager: ImplManager, text: str, enabled: bool = True, /) -> Submenu: ...
    @staticmethod
    def with_id(manager: ImplManager, id: str, text: str, enabled: bool = True, /) -> Submenu: ...
    @staticmethod
    def with_items(
        manager: ImplManager, text: str, enabled: bool, items: Iterable[_Item], /
    ) -> Submenu: ...
    @staticmethod
    def with_id_and_items(
        manager: ImplManager, id: str, text: str, enabled: bool, items: Iterable[_Item], /
    ) -> Submenu: ...
    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def text(self) -> str: ...
    def set_text(self, text: str, /) -> None:
        """Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`."""

    def is_enabled(self) -> bool: ...
    def set_enabled(self, enabled: bool, /) -> None: ...
    def append(self, item: _Item, /) -> None:
        """Put an item at the end.

        `ValueError` where an item of this id is in the menu already, a submenu would be in itself,
        or menus would be nested more than 16 deep.
        """

    def append_items(self, items: Iterable[_Item], /) -> None:
        """Put items at the end; all of them, or with an error none."""

    def prepend(self, item: _Item, /) -> None: ...
    def prepend_items(self, items: Iterable[_Item], /) -> None: ...
    def insert(self, item: _Item, position: int, /) -> None:
        """Put an item at a position; `IndexError` behind the end."""

    def insert_items(self, items: Iterable[_Item], position: int, /) -> None: ...
    def remove(self, item: _Item, /) -> None:
        """Take an item out; `ValueError` where it is not in the menu."""

    def remove_at(self, position: int, /) -> _Item | None:
        """Take the item at a position out, and give it; `None` where there is none."""

    def get(self, id: str, /) -> _Item | None:
        """The item with this id; not those of submenus."""

    def items(self) -> list[_Item]: ...
    def popup(self, window: WebviewWindow | Window, /) -> None:
        """Show it where the mouse is, as `ContextMenu.popup` does."""

    def popup_at(self, window: WebviewWindow | Window, position: Position, /) -> None: ...

@final
class Menu:
    """A menu: of the app, of a window, of a tray icon, or a context menu.

    Its items are the same objects that were put in, and live as long as it does.
    """

    def __new__(cls, manager: ImplManager, /) -> Menu: ...
    @staticmethod
    def with_id(manager: ImplManager, id: str, /) -> Menu: ...
    @staticmethod
    def with_items(manager: ImplManager, items: Iterable[_Item], /) -> Menu: ...
    @staticmethod
    def with_id_and_items(manager: ImplManager, id: str, items: Iterable[_Item], /) -> Menu: ...
    @staticmethod
    def default(app_handle: ImplManager, /) -> Menu:
        """What most apps have: editing, the window, help."""

    @staticmethod
    def from_description(
        manager: ImplManager, items: MenuDescription, /, *, id: str | None = None
    ) -> Menu:
        """Make a menu of nested descriptions.

        Each is a dict (`text`, `id`, `enabled`, `accelerator`, `checked`, `icon`, `on_click`; with
        `items` a submenu), the name of an item of the system (`"separator"`, `"quit"`, …), or an
        item. `TypeError` and `ValueError` say which one is wrong.
        """

    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def append(self, item: _Item, /) -> None:
        """Put an item at the end.

        `ValueError` where an item of this id is in the menu already, a submenu would be in itself,
        or menus would be nested more than 16 deep.
        """

    def append_items(self, items: Iterable[_Item], /) -> None:
        """Put items at the end; all of them, or with an error none."""

    def prepend(self, item: _Item, /) -> None: ...
    def prepend_items(self, items: Iterable[_Item], /) -> None: ...
    def insert(self, item: _Item, position: int, /) -> None:
        """Put an item at a position; `IndexError` behind the end."""

    def insert_items(self, items: Iterable[_Item], position: int, /) -> None: ...
    def remove(self, item: _Item, /) -> None:
        """Take an item out; `ValueError` where it is not in the menu."""

    def remove_at(self, position: int, /) -> _Item | None:
        """Take the item at a position out, and give it; `None` where there is none."""

    def get(self, id: str, /) -> _Item | None:
        """The item with this id; not those of submenus."""

    def items(self) -> list[_Item]: ...
    def popup(self, window: WebviewWindow | Window, /) -> None:
        """Show it where the mouse is, as `ContextMenu.popup` does."""

    def popup_at(self, window: WebviewWindow | Window, position: Position, /) -> None: ...
    def set_as_app_menu(self) -> None:
        """Make it the menu of the app, as `AppHandle.set_menu` does."""

    def set_as_window_menu(self, window: WebviewWindow | Window, /) -> None:
        """Make it the menu of a window, as `WebviewWindow.set_menu` does."""

@final
class ContextMenu:
    """Shows menus at a window."""

    @staticmethod
    def popup(menu: Menu | Submenu, window: WebviewWindow | Window, /) -> None:
        """Show a menu where the mouse is, and return at once.

        `RuntimeError` for a window that is hidden, `WindowClosed` for one that is gone.
        """

    @staticmethod
    def popup_at(
        menu: Menu | Submenu, window: WebviewWindow | Window, position: Position, /
    ) -> None:
        """Show a menu at a place in the window, and return at once."""
