"""Does what the methods of `AppHandle` and `WebviewWindow` for menus and tray icons do."""

from collections.abc import Callable
from typing import Any

from ..._native import Position, WindowArgumentReader
from .._desktop.window import Webview, Window
from .bars import Menus, Popup
from .containers import AMenu, check_any_menu, check_menu
from .listeners import Subscribed
from .trays import TrayDouble, Trays
from .windows import window_of


def popup(menu: object, window: object, position: Position | None = None, /) -> None:
    """Shows a context menu, as `ContextMenu.popup` and `popup_at` do."""
    shown = Popup(check_any_menu(menu), position)
    if position is not None:
        WindowArgumentReader.set_cursor_position(position)
    at: Window = window_of(window)
    at.check_open()
    if not shown.menu.items():
        raise ValueError("the menu is empty: put items into it before it is shown")
    if not at.state.is_shown():
        raise RuntimeError(f"the window `{at.label}` is hidden, so it cannot show a context menu")
    with at.screen.lock:
        at.bar.popups.append(shown)
        at.bar.open = shown


class HandleMenus:
    """The methods of an `AppHandle` with this reach."""

    def __init__(
        self, menus: Menus, trays: Trays, reach: Webview | None, me: Callable[[], Any]
    ) -> None:
        """`me()` gives the handle."""
        self._menus = menus
        self._trays = trays
        self._reach = reach
        self._me = me

    def _check(self, *_: object, **__: object) -> Any:
        if self._reach is not None:
            self._reach.check_open()

    def _check_everywhere(self) -> None:
        self._check()
        if self._reach is not None:
            self._reach.check_reach("*")

    def _owner(self) -> Any:
        """What its handlers are called with, as long as its window is open."""
        self._check()
        return self._me()

    def on_menu_event(self, handler: Any, /) -> Subscribed:
        WindowArgumentReader.handler(handler)
        self._check_everywhere()
        return self._menus.listen(handler, self._owner)

    def menu(self) -> AMenu | None:
        self._check_everywhere()
        return self._menus.of_app

    def set_menu(self, menu: AMenu, /) -> AMenu | None:
        check_menu(menu)
        self._check_everywhere()
        return self._menus.set_of_app(menu)

    def remove_menu(self) -> AMenu | None:
        self._check_everywhere()
        return self._menus.set_of_app(None)

    def hide_menu(self) -> None:
        self._check_everywhere()
        self._menus.set_visible(False)

    def show_menu(self) -> None:
        self._check_everywhere()
        self._menus.set_visible(True)

    def on_tray_icon_event(self, handler: Any, /) -> Subscribed:
        WindowArgumentReader.handler(handler)
        self._check_everywhere()
        return self._trays.listen(handler, self._owner)

    def tray_by_id(self, tray_id: str, /) -> TrayDouble | None:
        self._check_everywhere()
        there = tray_id in self._trays.shown
        return self._trays.double(tray_id, self._me, self._owner) if there else None

    def remove_tray_by_id(self, tray_id: str, /) -> TrayDouble | None:
        removed = self.tray_by_id(tray_id)
        if removed is not None:
            self._trays.remove(tray_id)
        return removed


class WindowMenus:
    """The methods of one window."""

    def __init__(self, window: Window, menus: Menus, me: Callable[[], Any]) -> None:
        """`me()` gives the window for commands."""
        self._window = window
        self._menus = menus
        self._me = me

    def _owner(self) -> Any:
        self._window.check_open()
        return self._me()

    def on_menu_event(self, handler: Any, /) -> Subscribed:
        WindowArgumentReader.handler(handler)
        self._window.check_open()
        return self._menus.listen(handler, self._owner)

    def menu(self) -> AMenu | None:
        self._window.check_open()
        return self._window.bar.menu

    def set_menu(self, menu: AMenu, /) -> AMenu | None:
        return self._window.show_menu(check_menu(menu))

    def remove_menu(self) -> AMenu | None:
        return self._window.show_menu(None)

    def hide_menu(self) -> None:
        self._set_visible(visible=False)

    def show_menu(self) -> None:
        self._set_visible(visible=True)

    def _set_visible(self, *, visible: bool) -> None:
        self._window.check_open()
        with self._menus.lock:
            self._window.bar.visible = visible and self._window.bar.menu is not None

    def is_menu_visible(self) -> bool:
        self._window.check_open()
        return self._window.bar.visible

    def popup_menu(self, menu: Any, /) -> None:
        popup(menu, self._me())

    def popup_menu_at(self, menu: Any, position: Position, /) -> None:
        popup(menu, self._me(), position)
