"""Plays tray icons: what commands get, and what a test sees and clicks."""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from ..._native import (
    Image,
    MouseButton,
    MouseButtonState,
    Position,
    Rect,
    Size,
    TrayIcon,
    TrayIconEvent,
    WindowArgumentReader,
)
from .._desktop.lanes import Hearing, Lanes
from .containers import check_any_menu
from .items import Named
from .listeners import Listeners, Subscribed
from .reading import check_flag, check_icon, check_text

PLACE: Final = (1880.0, 0.0)
"""Where on the screen the mouse meets a tray icon, in device pixels."""


class Shown:
    """A tray icon, by what was set of it."""

    def __init__(
        self, tray_id: str, *, icon: object, menu: object, tooltip: str | None, title: str | None
    ) -> None:
        self.id = tray_id
        self.icon: object = icon
        self.menu: Any = menu
        self.tooltip: str | None = tooltip
        self.title: str | None = title
        self.visible: bool = True
        self.icon_as_template: bool = False
        self.show_menu_on_left_click: bool = True
        self.temp_dir_path: object = None


class Trays:
    """The tray icons of an app."""

    def __init__(
        self, lock: threading.RLock, lanes: Lanes, listen: Callable[[Any, Any], Subscribed]
    ) -> None:
        """`listen` adds a handler of menu events."""
        self.lock = lock
        self.shown: dict[str, Shown] = {}
        self._listeners = Listeners(lanes)
        self.listen_to_menus: Callable[[Any, Any], Subscribed] = listen
        self._made = 0

    def add(self, tray_id: str | None, **start: Any) -> str:
        with self.lock:
            if tray_id is None:
                self._made += 1
                tray_id = f"tray-{self._made}"
            if tray_id in self.shown:
                raise ValueError(
                    f"there is a tray icon `{tray_id}` already; `app_handle.tray_by_id` gives it"
                )
            self.shown[tray_id] = Shown(tray_id, **start)
            return tray_id

    def open_config(self, config: str | None) -> None:
        """Makes the tray icon of a configuration, from its JSON, if there is one."""
        if config is None:
            return
        entry = json.loads(config)
        icon = Image.from_path(entry["iconPath"])
        start = {"title": entry.get("title"), "tooltip": entry.get("tooltip")}
        shown = self.shown[self.add(entry.get("id") or "main", icon=icon, menu=None, **start)]
        shown.icon_as_template = entry["iconAsTemplate"]
        shown.show_menu_on_left_click = entry["showMenuOnLeftClick"]

    def remove(self, tray_id: str) -> None:
        with self.lock:
            del self.shown[tray_id]
            self._listeners.forget(tray_id)

    def double(
        self, tray_id: str, handle: Callable[[], Any], owner: Callable[[], Any]
    ) -> "TrayDouble":
        """The `TrayIcon` for commands. `owner()`: the handle, as long as its window is open."""
        return TrayDouble(self, tray_id, handle, owner)

    def listen(self, handler: Any, owner: Callable[[], Any], of: str | None = None) -> Subscribed:
        with self.lock:
            return self._listeners.add(handler, owner, of)

    def tell(self, tray_id: str, *events: object) -> Hearing:
        """Calls the handlers of a tray icon, and those of all."""
        hearing = Hearing()
        with self.lock:
            for event in events:
                self._listeners.tell(event, hearing, tray_id)
        hearing.end()
        return hearing


class TrayDouble(Named):
    """A double of a `TrayIcon`."""

    plays = TrayIcon

    def __init__(
        self, trays: Trays, tray_id: str, handle: Callable[[], Any], owner: Callable[[], Any]
    ) -> None:
        super().__init__(handle, tray_id)
        self._trays = trays
        self._owner = owner

    def _shown(self) -> Shown:
        found = self._trays.shown.get(self._id)
        if found is None:
            raise RuntimeError(f"the tray icon `{self._id}` is removed")
        return found

    def on_tray_icon_event(self, handler: Any, /) -> Subscribed:
        WindowArgumentReader.handler(handler)
        self._shown()

        def me() -> TrayDouble:
            self._owner()
            return self

        return self._trays.listen(handler, me, self._id)

    def on_menu_event(self, handler: Any, /) -> Subscribed:
        WindowArgumentReader.handler(handler)
        self._shown()
        return self._trays.listen_to_menus(handler, self._owner)

    def set_icon(self, icon: Any, /) -> None:
        check_icon(icon)
        self._shown().icon = icon

    def set_menu(self, menu: Any, /) -> None:
        # As on Linux, where a menu can be replaced, but not removed.
        if menu is not None or sys.platform != "linux":
            self._shown().menu = None if menu is None else check_any_menu(menu)
        self._shown()

    def set_tooltip(self, tooltip: str | None, /) -> None:
        _check_text_if_any(tooltip)
        self._shown().tooltip = tooltip

    def set_title(self, title: str | None, /) -> None:
        _check_text_if_any(title)
        self._shown().title = title

    def set_visible(self, visible: bool, /) -> None:
        check_flag(visible)
        self._shown().visible = visible

    def set_temp_dir_path(self, path: Any, /) -> None:
        self._shown().temp_dir_path = path

    def set_icon_as_template(self, is_template: bool, /) -> None:
        check_flag(is_template)
        self._shown().icon_as_template = is_template

    def set_show_menu_on_left_click(self, enable: bool, /) -> None:
        check_flag(enable)
        self._shown().show_menu_on_left_click = enable

    def rect(self) -> None:
        self._shown()


def _check_text_if_any(text: object) -> None:
    if text is not None:
        check_text(text)


# What the mouse does.


def _at(tray_id: str) -> dict[str, Any]:
    rect = Rect(position=Position.Physical((1872, 0)), size=Size.Physical((16, 16)))
    return {"id": tray_id, "position": PLACE, "rect": rect}


def click(tray_id: str, button: MouseButton) -> list[TrayIconEvent]:
    """The events of a click: the button goes down, and up again."""
    make: Any = TrayIconEvent.Click
    states = (MouseButtonState.Down, MouseButtonState.Up)
    return [make(**_at(tray_id), button=button, button_state=state) for state in states]


def double_click(tray_id: str, button: MouseButton) -> TrayIconEvent:
    make: Any = TrayIconEvent.DoubleClick
    return make(**_at(tray_id), button=button)


def passing(tray_id: str) -> list[TrayIconEvent]:
    """The events of a mouse that comes, moves and leaves."""
    kinds: tuple[Any, ...] = (TrayIconEvent.Enter, TrayIconEvent.Move, TrayIconEvent.Leave)
    return [make(**_at(tray_id)) for make in kinds]
