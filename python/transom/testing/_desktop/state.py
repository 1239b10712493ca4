"""Defines `WindowState`: what a window of a test is like, by what was set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from ..._native import (
    CursorIcon,
    Monitor,
    Position,
    ProgressBarState,
    Size,
    Theme,
    TitleBarStyle,
    UserAttentionType,
    screen,
)

Pair = tuple[int, int]

SCREEN_SIZE: Final = (1920, 1080)


@cache
def the_screen() -> Monitor:
    """The one screen that all windows are on. Its device pixels are the scaled ones."""
    return screen("test", SCREEN_SIZE)


@dataclass
class WindowState:
    """What a window is like, by what was set of it. No window system changes any of it.

    Lengths are in device pixels, of which each is a scaled one.
    """

    title: str = "Tauri App"
    position: Pair = (0, 0)
    inner_size: Pair = (800, 600)
    min_size: Pair | None = None
    max_size: Pair | None = None
    visible: bool = True
    focused: bool = False
    fullscreen: bool = False
    maximized: bool = False
    minimized: bool = False
    enabled: bool = True
    resizable: bool = True
    maximizable: bool = True
    minimizable: bool = True
    closable: bool = True
    focusable: bool = True
    decorations: bool = True
    shadow: bool = True
    always_on_top: bool = False
    always_on_bottom: bool = False
    visible_on_all_workspaces: bool = False
    content_protected: bool = False
    skip_taskbar: bool = False
    theme: Theme | None = None
    """`None`: that of the system, which is `Theme.Light`."""
    background_color: tuple[int, int, int, int] | None = None
    icon: object = None
    """What `set_icon` was called with."""
    effects: Mapping[str, Any] | None = None
    zoom: float = 1.0
    cursor_icon: CursorIcon | None = None
    cursor_visible: bool = True
    cursor_grab: bool = False
    ignore_cursor_events: bool = False
    badge_count: int | None = None
    badge_label: str | None = None
    progress_bar: ProgressBarState | None = None
    title_bar_style: TitleBarStyle | None = None
    user_attention: UserAttentionType | None = None
    """What was last asked for by `request_user_attention`."""
    devtools: bool = False

    def is_shown(self) -> bool:
        """Whether it is on the screen."""
        return self.visible and not self.minimized

    def centered(self) -> Pair:
        """Its place in the middle of the screen."""
        width, height = self.inner_size
        return ((SCREEN_SIZE[0] - width) // 2, (SCREEN_SIZE[1] - height) // 2)


def pixels(length: Size | Position) -> Pair:
    """The device pixels of a size or a place."""
    return whole(cast("Any", length)._0)  # each variant has it


def whole(pair: tuple[float, float]) -> Pair:
    """Scaled pixels as device pixels. A half is rounded away from zero, as Tauri does it."""
    return (_round(pair[0]), _round(pair[1]))


def _round(number: float) -> int:
    return int(number + 0.5) if number >= 0 else -int(0.5 - number)


_AS_IT_IS = (
    "title",
    "resizable",
    "maximizable",
    "minimizable",
    "closable",
    "fullscreen",
    "focusable",
    "maximized",
    "visible",
    "theme",
    "decorations",
    "always_on_bottom",
    "always_on_top",
    "visible_on_all_workspaces",
    "content_protected",
    "skip_taskbar",
    "shadow",
    "title_bar_style",
    "effects",
)
_OF_ARGUMENTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "position": ("position", whole),
    "inner_size": ("inner_size", whole),
    "min_inner_size": ("min_size", whole),
    "max_inner_size": ("max_size", whole),
    "background_color": ("background_color", tuple),
}
_OF_CONFIG = {
    "title": "title",
    "visible": "visible",
    "fullscreen": "fullscreen",
    "maximized": "maximized",
    "resizable": "resizable",
    "maximizable": "maximizable",
    "minimizable": "minimizable",
    "closable": "closable",
    "focusable": "focusable",
    "decorations": "decorations",
    "shadow": "shadow",
    "alwaysOnTop": "always_on_top",
    "alwaysOnBottom": "always_on_bottom",
    "visibleOnAllWorkspaces": "visible_on_all_workspaces",
    "contentProtected": "content_protected",
    "skipTaskbar": "skip_taskbar",
}


def set_arguments(state: WindowState, args: Mapping[str, Any]) -> None:
    """Takes over the arguments of a new window."""
    for name, value in args.items():
        if name in _AS_IT_IS:
            setattr(state, name, value)
        elif name in _OF_ARGUMENTS:
            field, convert = _OF_ARGUMENTS[name]
            setattr(state, field, convert(value))
    _keep_limits(state)
    if args.get("center"):
        state.position = state.centered()


def of_config(config: Mapping[str, Any]) -> WindowState:
    """The state of a window of the configuration, whose every entry is there."""
    state = WindowState()
    for name, field in _OF_CONFIG.items():
        if (value := config.get(name)) is not None:
            setattr(state, field, value)
    state.inner_size = whole((config["width"], config["height"]))
    for field, names in (
        ("position", ("x", "y")),
        ("min_size", ("minWidth", "minHeight")),
        ("max_size", ("maxWidth", "maxHeight")),
    ):
        pair = tuple(config.get(name) for name in names)
        if None not in pair:
            setattr(state, field, whole(pair))  # pyright: ignore[reportArgumentType]
    if config.get("theme"):
        state.theme = getattr(Theme, config["theme"].capitalize())
    if (color := config.get("backgroundColor")) is not None:
        state.background_color = tuple(color)
    _keep_limits(state)
    if config.get("center"):
        state.position = state.centered()
    return state


def _keep_limits(state: WindowState) -> None:
    state.inner_size = within_limits(state, state.inner_size)


def within_limits(state: WindowState, size: Pair) -> Pair:
    """A size that is as large as it may be, and not smaller than it may be."""
    width, height = size
    if state.max_size is not None:
        width, height = min(width, state.max_size[0]), min(height, state.max_size[1])
    if state.min_size is not None:
        width, height = max(width, state.min_size[0]), max(height, state.min_size[1])
    return width, height
