"""Describes `Webview` and `Window`, the two sides of a `WebviewWindow`."""

import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, final

from ..._windows.dictionaries import Cookie, Effects, ProgressBar
from ..._windows.events import WebviewEventType, WindowEventType
from .image import Image
from .menu import Menu, Submenu, Subscription
from .values import (
    CursorIcon,
    Monitor,
    Position,
    ProgressBarState,
    Size,
    Theme,
    TitleBarStyle,
    UserAttentionType,
)
from .webview_window import WebviewWindow

_T = TypeVar("_T")

@final
class Webview:
    """The page's side of a window: what a `WebviewWindow` can do with its page, and nothing else.

    A manager, like a window. Its methods raise what those of `WebviewWindow` raise.
    """

    def label(self) -> str: ...
    def window(self) -> Window:
        """The window it is in."""

    def position(self) -> tuple[int, int]:
        """Where it is in its window, in device pixels."""

    def size(self) -> tuple[int, int]: ...
    def set_focus(self) -> None:
        """Give it the focus within its window."""

    def url(self) -> str:
        """The address the page has now."""

    def navigate(self, url: str, /) -> None:
        """Leave for another address; `ValueError` for a bad one."""

    def call(
        self, name: str, arg: Any = None, /, *, timeout: float = 5.0
    ) -> Coroutine[Any, Any, Any]:
        """Run the function that the page exposed as `name`; gives its (awaited) result.

        On any event loop of asyncio or trio. `arg` is anything that JSON can say, models included
        (`ValueError` for NaN, and for an integer that JavaScript would round). `timeout` in
        seconds. Raises `PageError` (the function threw, returned what cannot travel, or nothing is
        exposed: `NotExposed`), `TimeoutError`, `WindowClosed`.
        """

    def blocking_call(self, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
        """`call` for a thread that may wait, with the same errors.

        `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
        with the call: `Cancelled`.
        """

    def evaluate(self, script: str, /, *, timeout: float = 5.0) -> Coroutine[Any, Any, Any]:
        """Run `script`, an expression of JavaScript, in the page; gives its (awaited) value.

        On any event loop of asyncio or trio; on every page, whether it has the client or not,
        and whatever its policy. It waits for the document to be parsed. `timeout` in seconds.
        Raises `PageError` (the script threw, is no expression, or gave what JSON cannot say, or
        more than 64 MiB), `TimeoutError` (the script goes on), `WindowClosed`.
        """

    def blocking_evaluate(self, script: str, /, *, timeout: float = 5.0) -> Any:
        """`evaluate` for a thread that may wait, with the same errors.

        `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
        with the call: `Cancelled`.
        """

    def manage(self, state: Any, /) -> bool:
        """Keep `state` for its exact type until the window is gone.

        `False`, and no change, when the window has one of that type. `Manager.manage` keeps one
        for the whole app.
        """

    def state(self, state_type: type[_T], /) -> _T:
        """The object managed for `state_type`: the window's own, else that of the app.

        `ValueError` when there is none.
        """

    def try_state(self, state_type: type[_T], /) -> _T | None:
        """The same, or `None`."""

    def on_webview_event(self, handler: Callable[[WebviewEventType], object], /) -> None:
        """Call `handler(event)` off the UI thread for each event of this window's page."""

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.

        `ValueError` for an `async def`, which nobody would await, and for one that takes arguments.
        """

    def open_devtools(self) -> None: ...
    def close_devtools(self) -> None: ...
    def is_devtools_open(self) -> bool: ...
    def print(self) -> None: ...
    def reload(self) -> None: ...
    def clear_all_browsing_data(self) -> None: ...
    def eval(self, js: str, /) -> None:
        """Run a script on the page: no result, and no error when it fails. See `evaluate`."""

    def set_zoom(self, scale_factor: float, /) -> None: ...
    def set_background_color(self, color: tuple[int, int, int, int] | None, /) -> None: ...
    def cookies(self) -> list[Cookie]:
        """The cookies of the webview for all addresses, those that scripts cannot read included."""

    def cookies_for_url(self, url: str, /) -> list[Cookie]:
        """The cookies that are sent to an address. `ValueError`: it is none."""

    def set_cookie(self, cookie: Cookie, /) -> None: ...
    def delete_cookie(self, cookie: Cookie, /) -> None: ...

@final
class Window:
    """A window without its page: what a `WebviewWindow` can do with its frame, and nothing else.

    A manager, like a `WebviewWindow`. Its methods raise what those raise.
    """

    def label(self) -> str: ...
    def manage(self, state: Any, /) -> bool:
        """Keep `state` for its exact type until the window is gone.

        `False`, and no change, when the window has one of that type. `Manager.manage` keeps one
        for the whole app.
        """

    def state(self, state_type: type[_T], /) -> _T:
        """The object managed for `state_type`: the window's own, else that of the app.

        `ValueError` when there is none.
        """

    def try_state(self, state_type: type[_T], /) -> _T | None:
        """The same, or `None`."""

    def closed(self, *, timeout: float | None = None) -> Coroutine[Any, Any, None]:
        """Wait until the window has gone and its label is free; on any event loop.

        Returns at once for one that has gone. `TimeoutError` after `timeout` seconds; without one
        it waits as long as the window is there.
        """

    def blocking_closed(self, *, timeout: float | None = None) -> None:
        """`closed` for a thread that may wait.

        `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
        with the call: `Cancelled`.
        """

    def on_window_event(self, handler: Callable[[WindowEventType], object], /) -> None:
        """Call `handler(event)` off the UI thread for each event of this window.

        A plain handler runs on the callback thread, in order; an `async def` one on the portal.
        What it raises is logged. A close request waits for the handlers, up to 5 s: the window
        stays when one of them calls `event.api.prevent_close()`.
        """

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.

        `ValueError` for an `async def`, which nobody would await, and for one that takes arguments.
        """

    def current_monitor(self) -> Monitor | None: ...
    def primary_monitor(self) -> Monitor | None: ...
    def monitor_from_point(self, x: float, y: float, /) -> Monitor | None: ...
    def available_monitors(self) -> list[Monitor]: ...
    def title(self) -> str: ...
    def theme(self) -> Theme: ...
    def scale_factor(self) -> float: ...
    def inner_position(self) -> tuple[int, int]: ...
    def outer_position(self) -> tuple[int, int]: ...
    def inner_size(self) -> tuple[int, int]: ...
    def outer_size(self) -> tuple[int, int]: ...
    def cursor_position(self) -> tuple[float, float]: ...
    def is_fullscreen(self) -> bool: ...
    def is_minimized(self) -> bool: ...
    def is_maximized(self) -> bool: ...
    def is_focused(self) -> bool: ...
    def is_decorated(self) -> bool: ...
    def is_resizable(self) -> bool: ...
    def is_enabled(self) -> bool: ...
    def is_always_on_top(self) -> bool: ...
    def is_maximizable(self) -> bool: ...
    def is_minimizable(self) -> bool: ...
    def is_closable(self) -> bool: ...
    def is_visible(self) -> bool: ...
    def center(self) -> None: ...
    def maximize(self) -> None: ...
    def unmaximize(self) -> None: ...
    def minimize(self) -> None: ...
    def unminimize(self) -> None: ...
    def show(self) -> None: ...
    def hide(self) -> None: ...
    def close(self) -> None:
        """Ask the window to close: raises `CloseRequested` first.

        Returns once the UI thread has heard of it (10 s at most; at once on that thread itself).
        Where nobody is asked it is decided by then: the window is in no list any more.
        """

    def destroy(self) -> None:
        """Close the window without asking anyone. From here on it is in no list any more."""

    def set_focus(self) -> None: ...
    def start_dragging(self) -> None: ...
    def set_title(self, title: str, /) -> None: ...
    def set_resizable(self, resizable: bool, /) -> None: ...
    def set_enabled(self, enabled: bool, /) -> None: ...
    def set_maximizable(self, maximizable: bool, /) -> None: ...
    def set_minimizable(self, minimizable: bool, /) -> None: ...
    def set_closable(self, closable: bool, /) -> None: ...
    def set_decorations(self, decorations: bool, /) -> None: ...
    def set_shadow(self, shadow: bool, /) -> None: ...
    def set_always_on_bottom(self, always_on_bottom: bool, /) -> None: ...
    def set_always_on_top(self, always_on_top: bool, /) -> None: ...
    def set_visible_on_all_workspaces(self, visible: bool, /) -> None: ...
    def set_content_protected(self, protected: bool, /) -> None: ...
    def set_fullscreen(self, fullscreen: bool, /) -> None: ...
    def set_skip_taskbar(self, skip: bool, /) -> None: ...
    def set_cursor_grab(self, grab: bool, /) -> None: ...
    def set_cursor_visible(self, visible: bool, /) -> None: ...
    def set_ignore_cursor_events(self, ignore: bool, /) -> None: ...
    def set_badge_count(self, count: int | None, /) -> None: ...
    def set_cursor_icon(self, icon: CursorIcon, /) -> None: ...
    def set_cursor_position(self, position: Position, /) -> None: ...
    def set_icon(self, icon: Image, /) -> None: ...

    if sys.platform == "win32":
        def set_overlay_icon(self, icon: Image | None, /) -> None: ...

    def set_position(self, position: Position, /) -> None: ...
    def set_size(self, size: Size, /) -> None: ...
    def set_min_size(self, size: Size | None, /) -> None: ...
    def set_max_size(self, size: Size | None, /) -> None: ...
    def set_theme(self, theme: Theme | None, /) -> None: ...
    def set_background_color(self, color: tuple[int, int, int, int] | None, /) -> None: ...
    def set_effects(self, effects: Effects | None, /) -> None:
        """Change what the background looks like, on Windows and macOS. `None`: as it was."""

    def set_progress_bar(self, state: ProgressBarState | ProgressBar, /) -> None: ...
    def set_title_bar_style(self, style: TitleBarStyle, /) -> None: ...
    def on_menu_event(self, handler: Callable[[WebviewWindow, str], object], /) -> Subscription:
        """Call `handler(window, id)` off the UI thread when an item of any menu is chosen.

        An `async def` runs on the portal. It is called until it is removed, or the window is gone.
        """

    def menu(self) -> Menu | None:
        """The menu that it shows: its own, or that of the app."""

    def set_menu(self, menu: Menu, /) -> Menu | None:
        """Set its menu; gives the one before. Not on macOS, where the app has the menu."""

    def remove_menu(self) -> Menu | None: ...
    def hide_menu(self) -> None: ...
    def show_menu(self) -> None: ...
    def is_menu_visible(self) -> bool: ...
    def popup_menu(self, menu: Menu | Submenu, /) -> None:
        """Show a context menu where the mouse is, and return at once.

        `RuntimeError` where the window is hidden.
        """

    def popup_menu_at(self, menu: Menu | Submenu, position: Position, /) -> None:
        """Show a context menu at a place in the window, and return at once."""

    def request_user_attention(self, kind: UserAttentionType | None, /) -> None: ...

    if sys.platform == "darwin":
        def set_badge_label(self, label: str | None, /) -> None: ...
