"""Describes the items of menus."""

from collections.abc import Callable
from typing import ClassVar, Self, final

from .._app.app_handle import AppHandle
from .._app.manager import ImplManager
from .image import Image

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
