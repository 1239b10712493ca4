"""Describes the classes of windows with a page in them.

It is one file because nearly all of it is one class.
"""

import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack, final

from ..._windows.dictionaries import Cookie, Effects, ProgressBar
from ..._windows.events import WebviewEventType, WindowEventType
from .._app.manager import ImplManager
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
    WebviewUrl,
)
from .window_sides import Webview, Window

_T = TypeVar("_T")

class WebviewWindowBuilderArgs(TypedDict, total=False):
    """Keyword arguments of a new window; lengths in logical pixels.

    `center`, `prevent_overflow`, `disable_drag_drop_handler`, `enable_clipboard_access`,
    `auto_resize` and `disable_javascript` act only when true.
    """

    on_navigation: Callable[[str], bool | Awaitable[bool]]
    """Asked off the UI thread before the page leaves for a URL. No `True` within 100 ms denies."""
    allow_navigation: Sequence[str]
    """Globs of whole URLs that need no asking; without `on_navigation` all others are denied."""
    on_new_window: Callable[[str], bool | Awaitable[bool]]
    """Asked off the UI thread before the page opens a window with a URL: `window.open`, a link with
    `target="_blank"`. No `True` within 100 ms denies. What opens is a plain window of the platform,
    which may call nothing; to open one of the app's own, do so and return `False`."""
    allow_new_window: Sequence[str]
    """Globs of whole URLs that need no asking; without `on_new_window` all others are denied."""
    on_download: Callable[
        [str, Path], bool | str | PathLike[str] | Awaitable[bool | str | PathLike[str]]
    ]
    """Asked off the UI thread with the URL and where the file would go: `True`, or another absolute
    path, lets it begin. Nothing within 100 ms denies."""
    allow_download: Sequence[str]
    """Globs of whole URLs that need no asking; without `on_download` all others are denied."""
    on_document_title_changed: Callable[[WebviewWindow, str], object]
    """Called with the window and its page's new title."""
    proxy_url: str
    parent: WebviewWindow
    owner: WebviewWindow
    """Windows only."""
    transient_for: WebviewWindow
    """Linux and BSD only."""
    center: bool
    prevent_overflow: bool
    disable_drag_drop_handler: bool
    enable_clipboard_access: bool
    auto_resize: bool
    disable_javascript: bool
    title: str
    position: tuple[float, float]
    inner_size: tuple[float, float]
    min_inner_size: tuple[float, float]
    max_inner_size: tuple[float, float]
    prevent_overflow_with_margin: Size
    resizable: bool
    maximizable: bool
    minimizable: bool
    closable: bool
    fullscreen: bool
    focusable: bool
    focused: bool
    maximized: bool
    visible: bool
    theme: Theme | None
    decorations: bool
    always_on_bottom: bool
    always_on_top: bool
    visible_on_all_workspaces: bool
    content_protected: bool
    skip_taskbar: bool
    window_classname: str
    shadow: bool
    accept_first_mouse: bool
    initialization_script: str
    initialization_script_for_all_frames: str
    user_agent: str
    additional_browser_args: str
    data_directory: str | PathLike[str]
    incognito: bool
    transparent: bool
    """Not on macOS."""
    zoom_hotkeys_enabled: bool
    browser_extensions_enabled: bool
    extensions_path: str | PathLike[str]
    use_https_scheme: bool
    devtools: bool
    effects: Effects
    """Windows and macOS only."""
    background_color: tuple[int, int, int, int]
    icon: Image
    menu: Menu
    """Not on macOS, where the app has the menu."""
    drag_and_drop: bool
    """Windows only."""
    title_bar_style: TitleBarStyle
    """macOS only."""
    traffic_light_position: Position
    """macOS only."""
    allow_link_preview: bool
    """macOS only."""
    hidden_title: bool
    """macOS only."""
    tabbing_identifier: str
    """macOS only."""

@final
class WindowEnd:
    """The end of a window, for an event loop to watch."""

    def __new__(cls, window: WebviewWindow | Window, /) -> WindowEnd: ...
    def fileno(self) -> int:
        """Readable once the window has gone."""

    def is_over(self) -> bool: ...

@final
class WebviewWindowBuilder:
    """Opens windows, from any thread."""

    @staticmethod
    def build(
        manager: ImplManager,
        label: str,
        url: WebviewUrl,
        /,
        **args: Unpack[WebviewWindowBuilderArgs],
    ) -> WebviewWindow:
        """Open the window `label` on `url`.

        The label is free from the moment at which it is decided that its window closes: what is
        left of that is waited for, some milliseconds, 10 s at most.

        Raises `ValueError` for a bad URL, `RuntimeError` when the label is taken, `TypeError`
        for an argument that there is not, `PermissionError` for a label beyond the manager's
        reach.
        """

    @staticmethod
    def get_or_build(
        manager: ImplManager,
        label: str,
        url: WebviewUrl,
        /,
        **args: Unpack[WebviewWindowBuilderArgs],
    ) -> WebviewWindow:
        """Give the window `label`, brought to the front; or, where there is none, open it.

        One step: of several threads one builds it, and a window that closes meanwhile is built
        anew. One that is there is shown, unminimized and focused, and keeps its page; `url` and
        `args` are for a new one. One that is being asked whether it may close is still there.

        Waits for the UI thread, 10 s at most. Raises as `build` does; `RuntimeError` too on the
        UI thread, where it cannot wait, while another thread builds the window or it closes.
        """

    @staticmethod
    def from_config(
        manager: ImplManager,
        config: dict[str, Any] | str,
        /,
        **args: Unpack[WebviewWindowBuilderArgs],
    ) -> WebviewWindow:
        """Open a window from a window's entry of the configuration, a dict or JSON text."""

@final
class WebviewWindow:
    """A window with one page in it; usable from every thread.

    Every method raises `WindowClosed` from the moment at which it is decided that the window
    closes, also when its label is another's by then; `close`, `destroy`, `closed` and
    `blocking_closed` have nothing to do once it is gone. What else fails in Tauri raises
    `RuntimeError`, which `WindowClosed` is too. Windows of the same label are equal.
    """

    def __new__(
        cls,
        manager: ImplManager,
        label: str,
        url: WebviewUrl,
        /,
        **args: Unpack[WebviewWindowBuilderArgs],
    ) -> WebviewWindow:
        """Open a window; the same as `WebviewWindowBuilder.build`."""

    def label(self) -> str: ...
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

    def on_webview_event(self, handler: Callable[[WebviewEventType], object], /) -> None:
        """Call `handler(event)` off the UI thread for each event of this window's page."""

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.

        `ValueError` for an `async def`, which nobody would await, and for one that takes arguments.
        """

    def as_ref_webview(self) -> Webview:
        """The page alone, for `JavaScriptChannelId.channel_on`."""

    def current_monitor(self) -> Monitor | None: ...
    def primary_monitor(self) -> Monitor | None: ...
    def monitor_from_point(self, x: float, y: float, /) -> Monitor | None: ...
    def available_monitors(self) -> list[Monitor]: ...
    def open_devtools(self) -> None: ...
    def close_devtools(self) -> None: ...
    def is_devtools_open(self) -> bool: ...
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
    def print(self) -> None: ...
    def reload(self) -> None: ...
    def clear_all_browsing_data(self) -> None: ...
    def eval(self, js: str, /) -> None:
        """Run a script on the page: no result, and no error when it fails. See `evaluate`."""

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
    def set_zoom(self, scale_factor: float, /) -> None: ...
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
    def cookies(self) -> list[Cookie]:
        """The cookies of the webview for all addresses, those that scripts cannot read included."""
    def cookies_for_url(self, url: str, /) -> list[Cookie]:
        """The cookies that are sent to an address. `ValueError`: it is none."""
    def set_cookie(self, cookie: Cookie, /) -> None: ...
    def delete_cookie(self, cookie: Cookie, /) -> None: ...
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
