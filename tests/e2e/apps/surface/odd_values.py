"""Values for the methods and arguments of windows: such as fit, and such as nobody expects."""

from collections.abc import Iterator
from typing import Any

from transom import AppHandle, CursorIcon, Position, Size, Theme, UserAttentionType
from transom.image import Image
from transom.menu import Menu, MenuItem
from transom.webview import WebviewWindow
from transom.window import Effect, ProgressBarState, ProgressBarStatus, TitleBarStyle

NAN, INFINITY = float("nan"), float("inf")
COOKIE = {"key": "a", "value": "b", "domain": "example.org", "path": "/"}
PAGE = (
    "url",
    "navigate",
    "reload",
    "on_webview_event",
    "eval",
    "cookies",
    "set_zoom",
    "open_devtools",
)
FRAME = ("title", "set_title", "inner_size", "set_size", "menu", "set_menu", "set_icon", "center")


class Odd:
    """An object that is nothing that a window knows."""

    def __repr__(self) -> str:
        return "Odd()"


def sensible(app: AppHandle, window: WebviewWindow) -> dict[str, list[tuple[Any, ...]]]:
    """Arguments that fit, by method; one that is not here takes none."""
    flags = ("resizable", "enabled", "maximizable", "minimizable", "closable", "decorations")
    more = ("shadow", "always_on_bottom", "always_on_top", "visible_on_all_workspaces")
    rest = ("content_protected", "fullscreen", "skip_taskbar", "cursor_grab", "cursor_visible")
    both: list[tuple[Any, ...]] = [(False,), (True,), (False,)]
    menu = Menu.with_items(app, [MenuItem(app, "one")])
    place, size = Position.Logical((20.0, 30.5)), Size.Physical((400, 300))
    state = ProgressBarState(status=ProgressBarStatus.Normal, progress=50)
    return {
        **{f"set_{name}": both for name in (*flags, *more, *rest, "ignore_cursor_events")},
        "set_enabled": [(False,), (True,)],
        "set_title": [("Größe",), ("",)],
        "set_size": [(size,), (Size.Logical((500.0, 400.0)),)],
        "set_min_size": [(size,), (None,)],
        "set_max_size": [(Size.Logical((900.0, 800.0)),), (None,)],
        "set_position": [(place,), (Position.Physical((0, 0)),)],
        "set_cursor_position": [(place,)],
        "set_cursor_icon": [(it,) for it in CursorIcon],
        "set_icon": [(Image(bytes(4 * 16), 4, 4),)],
        "set_background_color": [((1, 2, 3, 255),), (None,)],
        "set_badge_count": [(3,), (None,)],
        "set_progress_bar": [(state,), ({"progress": 100},), ({},)],
        "set_effects": [({"effects": [Effect.Mica]},), (None,)],
        "set_theme": [(it,) for it in (*Theme, None)],
        "set_title_bar_style": [(it,) for it in TitleBarStyle],
        "set_zoom": [(2.0,), (1.0,)],
        "set_menu": [(menu,)],
        "set_cookie": [(COOKIE,)],
        "delete_cookie": [(COOKIE,)],
        "cookies_for_url": [("http://example.org/",)],
        "request_user_attention": [(it,) for it in (*UserAttentionType, None)],
        "monitor_from_point": [(1.0, 1.0), (-5.0, 1e6)],
        "navigate": [(window.url(),)],
        "eval": [("1 + 1",), ("throw 1",), ("",)],
        "blocking_evaluate": [("1 + 1",)],
        "blocking_call": [("nobody",)],
        "blocking_closed": [],
        "on_window_event": [(print,)],
        "on_webview_event": [(print,)],
        "on_menu_event": [(print,)],
        "run_on_main_thread": [(list,)],
        "manage": [(Odd(),)],
        "state": [(int,)],
        "try_state": [(int,)],
        # A context menu grabs the screen until it is closed: its own test does that.
        "popup_menu": [],
        "popup_menu_at": [],
    }


_VALUES: list[Any] = [
    *(None, True, -1, 0, 2**31, 2**70, -(2**70), 0.5, NAN, INFINITY, -INFINITY, 1e300),
    *("", "a\0b", "x" * 1_000_000, "\ud800", "%zz", b"", b"\xff", [], {}, (), (NAN, NAN)),
    *(
        (1, 2, 3),
        (0, 0, 0, 256),
        {"key": "a"},
        {"effects": [1]},
        {"progress": 101},
        Odd(),
        Odd,
        len,
    ),
    *(Theme.Dark, Position.Physical((32_767, -32_767)), Size.Logical((0.0, 0.0))),
    *(Size.Physical((2**31 - 1, 1)), range(3), lambda *_: 1 / 0),
]


def odd_values(name: str) -> Iterator[tuple[Any, ...]]:
    """Arguments for a method that it may not expect."""
    # What fits there, and has a use that would end the walk.
    able = {"manage", "on_window_event", "on_webview_event", "on_menu_event", "run_on_main_thread"}
    yield (None, None, None)
    for value in _VALUES:
        if name == "set_max_size" and isinstance(value, Size):
            continue  # a window of no size is none
        if not (name in able and callable(value)):
            yield (value,)
        if name == "monitor_from_point":
            yield (value, value)


_ARGUMENTS = (
    "on_navigation allow_navigation on_new_window allow_new_window on_download allow_download "
    "on_document_title_changed proxy_url parent owner transient_for center prevent_overflow "
    "disable_drag_drop_handler enable_clipboard_access auto_resize disable_javascript title "
    "position inner_size min_inner_size max_inner_size prevent_overflow_with_margin resizable "
    "maximizable minimizable closable fullscreen focusable focused maximized visible theme "
    "decorations always_on_bottom always_on_top visible_on_all_workspaces content_protected "
    "skip_taskbar window_classname shadow accept_first_mouse initialization_script "
    "initialization_script_for_all_frames user_agent additional_browser_args data_directory "
    "incognito transparent zoom_hotkeys_enabled browser_extensions_enabled extensions_path "
    "use_https_scheme devtools effects background_color icon menu drag_and_drop title_bar_style "
    "traffic_light_position allow_link_preview hidden_title tabbing_identifier no_such_argument"
).split()
BUILDER = [
    (name, value)
    for name in _ARGUMENTS
    for value in (NAN, 2**70, "a\0b", (NAN, -1.0), (-1, -1, -1, -1), [Odd()], Odd())
]
"""Arguments of new windows that none takes."""
