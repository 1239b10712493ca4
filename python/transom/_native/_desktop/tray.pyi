"""Describes tray icons and their events."""

from collections.abc import Callable
from os import PathLike
from typing import ClassVar, final

from ..._windows.events import TrayIconEventType
from .._app.app_handle import AppHandle
from .._app.manager import ImplManager
from .image import Image
from .menu import Menu, Submenu, Subscription
from .values import Rect

def has_host() -> bool:
    """Whether something on this desktop shows tray icons.

    On Linux it asks the session bus for a host of StatusNotifierItem, 1 s at most.
    """

def tray_handlers() -> int:
    """How many handlers of tray icon events there are."""

@final
class TrayIcon:
    """An icon in the tray, usable from every thread.

    It stays in the tray until `AppHandle.remove_tray_by_id` removes it, also when this object goes.
    Then its methods raise `RuntimeError`.
    """

    def __new__(
        cls,
        manager: ImplManager,
        /,
        *,
        icon: Image | None = None,
        menu: Menu | Submenu | None = None,
        tooltip: str | None = None,
        title: str | None = None,
    ) -> TrayIcon:
        """Show an icon. On Linux one without a menu may stay invisible.

        `RuntimeError` where the library is missing that Linux needs, `PermissionError` unless every
        window is within reach.
        """

    @staticmethod
    def with_id(
        manager: ImplManager,
        id: str,
        /,
        *,
        icon: Image | None = None,
        menu: Menu | Submenu | None = None,
        tooltip: str | None = None,
        title: str | None = None,
    ) -> TrayIcon:
        """Show an icon with an id; `ValueError` where there is one with that id."""

    def app_handle(self) -> AppHandle: ...
    def id(self) -> str: ...
    def on_tray_icon_event(
        self, handler: Callable[[TrayIcon, TrayIconEventType], object], /
    ) -> Subscription:
        """Call `handler(tray_icon, event)` off the UI thread, until the icon is removed.

        Linux tells of no events: there a click opens the menu.
        """

    def on_menu_event(self, handler: Callable[[AppHandle, str], object], /) -> Subscription:
        """The same as `AppHandle.on_menu_event`."""

    def set_icon(self, icon: Image | None, /) -> None: ...
    def set_menu(self, menu: Menu | Submenu | None, /) -> None:
        """Set the menu. On Linux one can be replaced, but not removed."""

    def set_tooltip(self, tooltip: str | None, /) -> None:
        """Set the text under the mouse. Linux shows none."""

    def set_title(self, title: str | None, /) -> None:
        """Set the text beside the icon. Windows shows none."""

    def set_visible(self, visible: bool, /) -> None: ...
    def set_temp_dir_path(self, path: str | PathLike[str] | None, /) -> None:
        """Set the folder for the file of the icon, which Linux needs."""

    def set_icon_as_template(self, is_template: bool, /) -> None:
        """Have macOS colour the icon like those of the system."""

    def set_show_menu_on_left_click(self, enable: bool, /) -> None:
        """Whether a left click shows the menu. Linux always does."""

    def rect(self) -> Rect | None:
        """Where the icon is on the screen; `None` on Linux."""

@final
class MouseButton:
    """A button of the mouse."""

    Left: ClassVar[MouseButton]
    Right: ClassVar[MouseButton]
    Middle: ClassVar[MouseButton]

@final
class MouseButtonState:
    """Whether a button of the mouse is pressed."""

    Up: ClassVar[MouseButtonState]
    Down: ClassVar[MouseButtonState]

class TrayIconEvent:
    """What the mouse does at a tray icon. Positions are in device pixels."""

    @final
    class Click(TrayIconEvent):
        __match_args__: ClassVar = ("id", "position", "rect", "button", "button_state")
        @property
        def id(self) -> str: ...
        @property
        def position(self) -> tuple[float, float]: ...
        @property
        def rect(self) -> Rect: ...
        @property
        def button(self) -> MouseButton: ...
        @property
        def button_state(self) -> MouseButtonState: ...

    @final
    class DoubleClick(TrayIconEvent):
        __match_args__: ClassVar = ("id", "position", "rect", "button")
        @property
        def id(self) -> str: ...
        @property
        def position(self) -> tuple[float, float]: ...
        @property
        def rect(self) -> Rect: ...
        @property
        def button(self) -> MouseButton: ...

    @final
    class Enter(TrayIconEvent):
        __match_args__: ClassVar = ("id", "position", "rect")
        @property
        def id(self) -> str: ...
        @property
        def position(self) -> tuple[float, float]: ...
        @property
        def rect(self) -> Rect: ...

    @final
    class Move(TrayIconEvent):
        __match_args__: ClassVar = ("id", "position", "rect")
        @property
        def id(self) -> str: ...
        @property
        def position(self) -> tuple[float, float]: ...
        @property
        def rect(self) -> Rect: ...

    @final
    class Leave(TrayIconEvent):
        __match_args__: ClassVar = ("id", "position", "rect")
        @property
        def id(self) -> str: ...
        @property
        def position(self) -> tuple[float, float]: ...
        @property
        def rect(self) -> Rect: ...

    @final
    class _NonExhaustive(TrayIconEvent): ...
