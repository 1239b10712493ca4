"""Does what the methods of `WebviewWindow` do, to a window of a test."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import Mock

from anyio import fail_after, sleep
from anyio.lowlevel import checkpoint

from ..._app.runtime import Runtime
from ..._commands.signatures import check_callback
from ..._commands.unawaited import check_returned
from ..._native import (
    Call,
    Size,
    Theme,
    WindowArgumentReader,
)
from ..._windows import closed, page
from .._menus.bars import Menus
from .._menus.methods import WindowMenus
from .lanes import LaneHandler
from .mocks import PageDouble, page_of
from .state import SCREEN_SIZE, WindowState, pixels, the_screen
from .window import Window

if TYPE_CHECKING:
    from ..._native import WebviewWindow

_LOOK = 0.005
"""Seconds between two looks at what may happen on any thread."""

_GETTERS = {
    "title": "title",
    "inner_position": "position",
    "outer_position": "position",
    "inner_size": "inner_size",
    "outer_size": "inner_size",
    "is_fullscreen": "fullscreen",
    "is_minimized": "minimized",
    "is_maximized": "maximized",
    "is_focused": "focused",
    "is_decorated": "decorations",
    "is_resizable": "resizable",
    "is_enabled": "enabled",
    "is_always_on_top": "always_on_top",
    "is_maximizable": "maximizable",
    "is_minimizable": "minimizable",
    "is_closable": "closable",
    "is_visible": "visible",
    "is_devtools_open": "devtools",
}
"""By method: the field that it gives."""

_ACTS: dict[str, dict[str, bool]] = {
    "maximize": {"maximized": True},
    "unmaximize": {"maximized": False},
    "minimize": {"minimized": True},
    "unminimize": {"minimized": False},
    "show": {"visible": True},
    "hide": {"visible": False},
    "open_devtools": {"devtools": True},
    "close_devtools": {"devtools": False},
    "start_dragging": {},
    "print": {},
    "clear_all_browsing_data": {},
}
"""By method without arguments: what it sets."""


def _pixels_if_any(size: Size | None) -> tuple[int, int] | None:
    return None if size is None else pixels(size)


_SETTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "set_size": ("inner_size", pixels),
    "set_position": ("position", pixels),
    "set_min_size": ("min_size", _pixels_if_any),
    "set_max_size": ("max_size", _pixels_if_any),
    "request_user_attention": ("user_attention", lambda kind: kind),
}
"""By method: the field that it sets, and how. Every other `set_x` sets the field `x` as it is, if
there is one.
"""
_FIELDS = {field.name for field in fields(WindowState)}


class WindowMethods(WindowMenus):
    """The methods of one window. Those that are listed above are made when they are asked for; one
    that is nowhere here is only recorded.
    """

    def __init__(
        self, window: Window, runtime: Runtime, menus: Menus, me: Callable[[], Any]
    ) -> None:
        """`me()` gives the window for commands."""
        super().__init__(window, menus, me)
        self._runtime = runtime

    def __getattr__(self, name: str) -> Any:
        if (field := _GETTERS.get(name)) is not None:
            return partial(self._get, field)
        if (changes := _ACTS.get(name)) is not None:
            return partial(self._act, changes)
        read = getattr(WindowArgumentReader, name, None)
        if read is not None:
            return partial(self._set, read, name)
        return Mock(name=name, side_effect=self._check_open)

    def _check_open(self, *_: object, **__: object) -> None:
        self._window.check_open()

    def _get(self, field: str, /) -> Any:
        self._window.check_open()
        return getattr(self._window.state, field)

    def _act(self, changes: dict[str, bool], /) -> None:
        self._window.change(**changes)

    def _set(self, read: Callable[..., Any], name: str, /, *args: Any, **kwargs: Any) -> None:
        field, convert = _SETTERS.get(name) or (name.removeprefix("set_"), lambda value: value)
        read(*args, **kwargs)
        self._window.change(**({field: convert(args[0])} if field in _FIELDS else {}))

    # What it is.

    def label(self) -> str:
        return self._window.label

    def url(self) -> str:
        self._window.check_open()
        return self._window.url

    def theme(self) -> Theme:
        return self._get("theme") or Theme.Light

    def scale_factor(self) -> float:
        self._window.check_open()
        return the_screen().scale_factor

    def current_monitor(self) -> Any:
        self._window.check_open()
        return the_screen()

    primary_monitor = current_monitor

    def available_monitors(self) -> list[Any]:
        return [self.current_monitor()]

    def monitor_from_point(self, x: float, y: float, /) -> Any:
        place = WindowArgumentReader.monitor_from_point(x, y)
        self._window.check_open()
        return monitor_at(place)

    def cursor_position(self) -> tuple[float, float]:
        self._window.check_open()
        return self._window.screen.cursor_position

    def set_cursor_position(self, *args: Any) -> None:
        WindowArgumentReader.set_cursor_position(*args)
        self._window.check_open()
        (left, top), (x, y) = self._window.state.position, pixels(args[0])
        self._window.screen.cursor_position = (float(left + x), float(top + y))

    # What it does.

    def center(self) -> None:
        self._window.center()

    def set_focus(self) -> None:
        self._window.focus()

    def close(self) -> None:
        self._window.request_close()

    def destroy(self) -> None:
        self._window.destroy()

    def on_window_event(self, handler: Callable[[Any], object], /) -> None:
        self._window.add_handler(LaneHandler(handler))

    def on_webview_event(self, handler: Callable[[Any], object], /) -> None:
        LaneHandler(handler)  # refuses what an app refuses; a test drags no files over a page
        self._window.check_open()

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        self._window.check_open()
        run_on_main_thread(f)

    # Its page.

    def cookies(self) -> list[dict[str, Any]]:
        self._window.check_open()
        return self._window.screen.cookies.all()

    def cookies_for_url(self, *args: Any) -> list[dict[str, Any]]:
        url = WindowArgumentReader.navigate(*args)
        self._window.check_open()
        return self._window.screen.cookies.sent_to(url)

    def set_cookie(self, *args: Any) -> None:
        WindowArgumentReader.set_cookie(*args)
        self._window.check_open()
        self._window.screen.cookies.set(args[0])

    def delete_cookie(self, *args: Any) -> None:
        WindowArgumentReader.delete_cookie(*args)
        self._window.check_open()
        self._window.screen.cookies.delete(args[0])

    def as_ref_webview(self) -> PageDouble:
        self._window.check_open()
        return page_of(self._window)

    def eval(self, *args: Any) -> None:
        WindowArgumentReader.eval(*args)
        self._window.check_open()
        self._window.scripts.append(args[0])

    def navigate(self, *args: Any) -> None:
        url = WindowArgumentReader.navigate(*args)
        self._window.check_open()
        self._window.url = url
        if self._window.webview is not None:
            self._window.webview.navigate_soon(url)

    def reload(self) -> None:
        self._window.check_open()
        if self._window.webview is not None:
            self._window.webview.reload_soon()

    async def call(self, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
        return await page.call(self._real(), name, arg, timeout=timeout, runtime=self._runtime)

    def blocking_call(self, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
        return page.blocking_call(self._real(), name, arg, timeout=timeout, runtime=self._runtime)

    async def evaluate(self, script: str, /, *, timeout: float = 5.0) -> Any:
        del timeout
        return self._evaluated(script)

    def blocking_evaluate(self, script: str, /, *, timeout: float = 5.0) -> Any:
        del timeout
        return self._evaluated(script)

    def _evaluated(self, script: str) -> Any:
        self.eval(script)
        raise RuntimeError(
            "a test runs no scripts: set what this one gives, such as by "
            "`window.webview_window.evaluate.side_effect = an_async_function`"
        )

    # Its state.

    def manage(self, state: object, /) -> bool:
        self._window.check_open()
        return self._window.states.setdefault(type(state), state) is state

    def state(self, kind: type, /) -> Any:
        self._window.check_open()
        return self._window.screen.state(kind, self._window)

    def try_state(self, kind: type, /) -> Any:
        self._window.check_open()
        return self._window.screen.try_state(kind, self._window)

    def open_label(self) -> str:
        """The label of a window that is there: its page can be called."""
        self._window.check_open()
        return self._window.label

    def _real(self) -> "WebviewWindow":
        return cast("WebviewWindow", self)

    # Its end.

    async def closed(self, *, timeout: float | None = None) -> None:
        try:
            with nullcontext() if timeout is None else fail_after(timeout):
                await checkpoint()
                while not self._window.closed.is_set():  # noqa: ASYNC110 - on any loop
                    await sleep(_LOOK)
        except TimeoutError:
            raise closed.late(self._real(), timeout) from None

    def blocking_closed(self, *, timeout: float | None = None) -> None:
        closed.blocking_closed(self._real(), timeout=timeout, runtime=self._runtime)

    def wait_end(self, timeout: float | None, call: Call | None) -> str:
        """Waits on this thread for its end, as the host does: `gone`, `timeout` or `cancelled`."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self._window.closed.wait(_LOOK):
            if call is not None and call.cancelled:
                return "cancelled"
            if until is not None and time.monotonic() >= until:
                return "timeout"
        return "gone"


def monitor_at(place: tuple[float, float]) -> Any:
    """The screen at a place, or `None`."""
    inside = all(0 <= at < size for at, size in zip(place, SCREEN_SIZE, strict=True))
    return the_screen() if inside else None


def run_on_main_thread(f: Callable[[], object]) -> None:
    """Runs `f()` here and now."""
    check_callback(f, "the function for the UI thread")
    check_returned(f, f())
