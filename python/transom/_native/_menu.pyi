"""Describes menus, and the items in them."""

from collections.abc import Callable, Iterable
from typing import ClassVar, Final, Self, TypeAlias, final

from .._app.descriptions import MenuDescription
from ._app_handle import AppHandle
from ._image import Image
from ._manager import ImplManager
from ._values import Position
from ._webview_window import WebviewWindow
from ._window_sides import Window

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
class MenuItem:
    """An item with a text. Usable from every thread, as are all classes here."""

    def __new__(
        cls,
        manager: ImplManager,
        text: str,
        enabled: bool = True,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[MenuItem], object] | None = None,
    ) -> MenuItem: ...
    @staticmethod
    def with_id(
        manager: ImplManager,
        id: str,
        text: str,
        enabled: bool = True,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[MenuItem], object] | None = None,
    ) -> MenuItem: ...
    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def text(self) -> str: ...
    def set_text(self, text: str, /) -> None:
        """Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`."""

    def is_enabled(self) -> bool: ...
    def set_enabled(self, enabled: bool, /) -> None: ...
    def set_accelerator(self, accelerator: str | None, /) -> None:
        """Set the keys that choose it; `ValueError` for keys that there are not."""

    def set_on_click(self, on_click: Callable[[Self], object] | None, /) -> None:
        """Replace `on_click`; `None` removes it."""

@final
class CheckMenuItem:
    """An item with a check mark, which a click sets and removes."""

    def __new__(
        cls,
        manager: ImplManager,
        text: str,
        enabled: bool = True,
        checked: bool = False,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[CheckMenuItem], object] | None = None,
    ) -> CheckMenuItem: ...
    @staticmethod
    def with_id(
        manager: ImplManager,
        id: str,
        text: str,
        enabled: bool = True,
        checked: bool = False,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[CheckMenuItem], object] | None = None,
    ) -> CheckMenuItem: ...
    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def text(self) -> str: ...
    def set_text(self, text: str, /) -> None:
        """Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`."""

    def is_enabled(self) -> bool: ...
    def set_enabled(self, enabled: bool, /) -> None: ...
    def set_accelerator(self, accelerator: str | None, /) -> None:
        """Set the keys that choose it; `ValueError` for keys that there are not."""

    def set_on_click(self, on_click: Callable[[Self], object] | None, /) -> None:
        """Replace `on_click`; `None` removes it."""

    def is_checked(self) -> bool: ...
    def set_checked(self, checked: bool, /) -> None:
        """Set or remove the check mark; calls no handler."""

@final
class IconMenuItem:
    """An item with an icon."""

    def __new__(
        cls,
        manager: ImplManager,
        text: str,
        enabled: bool = True,
        icon: Image | None = None,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[IconMenuItem], object] | None = None,
    ) -> IconMenuItem: ...
    @staticmethod
    def with_id(
        manager: ImplManager,
        id: str,
        text: str,
        enabled: bool = True,
        icon: Image | None = None,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[IconMenuItem], object] | None = None,
    ) -> IconMenuItem: ...
    @staticmethod
    def with_native_icon(
        manager: ImplManager,
        text: str,
        enabled: bool = True,
        native_icon: NativeIcon | None = None,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[IconMenuItem], object] | None = None,
    ) -> IconMenuItem: ...
    @staticmethod
    def with_id_and_native_icon(
        manager: ImplManager,
        id: str,
        text: str,
        enabled: bool = True,
        native_icon: NativeIcon | None = None,
        accelerator: str | None = None,
        /,
        *,
        on_click: Callable[[IconMenuItem], object] | None = None,
    ) -> IconMenuItem: ...
    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def text(self) -> str: ...
    def set_text(self, text: str, /) -> None:
        """Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`."""

    def is_enabled(self) -> bool: ...
    def set_enabled(self, enabled: bool, /) -> None: ...
    def set_accelerator(self, accelerator: str | None, /) -> None:
        """Set the keys that choose it; `ValueError` for keys that there are not."""

    def set_on_click(self, on_click: Callable[[Self], object] | None, /) -> None:
        """Replace `on_click`; `None` removes it."""

    def set_icon(self, icon: Image | None, /) -> None: ...
    def set_native_icon(self, native_icon: NativeIcon | None, /) -> None: ...

@final
class PredefinedMenuItem:
    """An item that the system itself carries out; no handler is called for it.

    Linux shows only `separator`, `copy`, `cut`, `paste`, `select_all` and `about`.
    """

    @staticmethod
    def separator(manager: ImplManager, /) -> PredefinedMenuItem: ...
    @staticmethod
    def copy(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def cut(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def paste(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def select_all(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def undo(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def redo(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def minimize(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def maximize(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def fullscreen(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def hide(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def hide_others(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def show_all(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def close_window(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def quit(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def services(manager: ImplManager, text: str | None = None, /) -> PredefinedMenuItem: ...
    @staticmethod
    def bring_all_to_front(
        manager: ImplManager, text: str | None = None, /
    ) -> PredefinedMenuItem: ...
    @staticmethod
    def about(
        manager: ImplManager,
        text: str | None = None,
        metadata: AboutMetadata | None = None,
        /,
    ) -> PredefinedMenuItem:
        """Shows a dialog about the app."""

    def app_handle(self) -> AppHandle:
        """The app that it belongs to."""

    def id(self) -> str: ...
    def text(self) -> str: ...
    def set_text(self, text: str, /) -> None:
        """Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`."""

@final
class AboutMetadata:
    """What a dialog about the app says."""

    def __new__(
        cls,
        *,
        name: str | None = None,
        version: str | None = None,
        short_version: str | None = None,
        authors: list[str] | None = None,
        comments: str | None = None,
        copyright: str | None = None,
        license: str | None = None,
        website: str | None = None,
        website_label: str | None = None,
        credits: str | None = None,
        icon: Image | None = None,
    ) -> AboutMetadata: ...

@final
class NativeIcon:
    """An icon that macOS has; elsewhere it shows nothing."""

    Add: ClassVar[NativeIcon]
    Advanced: ClassVar[NativeIcon]
    Bluetooth: ClassVar[NativeIcon]
    Bookmarks: ClassVar[NativeIcon]
    Caution: ClassVar[NativeIcon]
    ColorPanel: ClassVar[NativeIcon]
    ColumnView: ClassVar[NativeIcon]
    Computer: ClassVar[NativeIcon]
    EnterFullScreen: ClassVar[NativeIcon]
    Everyone: ClassVar[NativeIcon]
    ExitFullScreen: ClassVar[NativeIcon]
    FlowView: ClassVar[NativeIcon]
    Folder: ClassVar[NativeIcon]
    FolderBurnable: ClassVar[NativeIcon]
    FolderSmart: ClassVar[NativeIcon]
    FollowLinkFreestanding: ClassVar[NativeIcon]
    FontPanel: ClassVar[NativeIcon]
    GoLeft: ClassVar[NativeIcon]
    GoRight: ClassVar[NativeIcon]
    Home: ClassVar[NativeIcon]
    IChatTheater: ClassVar[NativeIcon]
    IconView: ClassVar[NativeIcon]
    Info: ClassVar[NativeIcon]
    InvalidDataFreestanding: ClassVar[NativeIcon]
    LeftFacingTriangle: ClassVar[NativeIcon]
    ListView: ClassVar[NativeIcon]
    LockLocked: ClassVar[NativeIcon]
    LockUnlocked: ClassVar[NativeIcon]
    MenuMixedState: ClassVar[NativeIcon]
    MenuOnState: ClassVar[NativeIcon]
    MobileMe: ClassVar[NativeIcon]
    MultipleDocuments: ClassVar[NativeIcon]
    Network: ClassVar[NativeIcon]
    Path: ClassVar[NativeIcon]
    PreferencesGeneral: ClassVar[NativeIcon]
    QuickLook: ClassVar[NativeIcon]
    RefreshFreestanding: ClassVar[NativeIcon]
    Refresh: ClassVar[NativeIcon]
    Remove: ClassVar[NativeIcon]
    RevealFreestanding: ClassVar[NativeIcon]
    RightFacingTriangle: ClassVar[NativeIcon]
    Share: ClassVar[NativeIcon]
    Slideshow: ClassVar[NativeIcon]
    SmartBadge: ClassVar[NativeIcon]
    StatusAvailable: ClassVar[NativeIcon]
    StatusNone: ClassVar[NativeIcon]
    StatusPartiallyAvailable: ClassVar[NativeIcon]
    StatusUnavailable: ClassVar[NativeIcon]
    StopProgressFreestanding: ClassVar[NativeIcon]
    StopProgress: ClassVar[NativeIcon]
    TrashEmpty: ClassVar[NativeIcon]
    TrashFull: ClassVar[NativeIcon]
    User: ClassVar[NativeIcon]
    UserAccounts: ClassVar[NativeIcon]
    UserGroup: ClassVar[NativeIcon]
    UserGuest: ClassVar[NativeIcon]

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
