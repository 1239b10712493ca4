"""Provides the test doubles that commands get: `app_handle`, `webview_window` and what they give.

The doubles are mocks of `unittest.mock` with the real classes as their spec: `isinstance` holds, a
method that does not exist is an `AttributeError`, and every call is recorded:
`main.webview_window.set_title.assert_called_once_with("Report")`. What a call does is in
`WindowMethods` and `HandleMethods`, unless a test sets `return_value` or `side_effect`.
"""

from collections.abc import Callable
from json import dumps
from typing import Any, cast
from unittest.mock import Mock

from ..._app.runtime import Runtime
from ..._native import AppHandle, Call, Host, Plugin, WebviewWindow, WindowArgumentReader
from ..._observe.calls import CallInfo
from ..._observe.workers import Worker
from ..._values.models import json_of
from ...errors import WindowClosed
from .._menus.methods import HandleMenus
from .._page.wire import Wire
from .desktop import Desktop
from .mocks import Recorder
from .state import the_screen
from .window import Webview, Window
from .window_methods import WindowMethods, monitor_at, run_on_main_thread


class Double(Recorder):
    """A double of a manager: of an `AppHandle` or a `WebviewWindow`."""

    doubles: "Doubles"
    desktop: Desktop
    window: Window | None
    """The window that it is."""
    reach: Webview | None
    """Whose reach it has. `None`: it reaches every window."""
    methods: dict[str, Any]
    """The mocks of its methods. Doubles of one window have them in common."""

    def _get_child_mock(self, /, **kw: Any) -> Any:
        return self.methods.setdefault(kw["name"], super()._get_child_mock(**kw))

    def reaches(self, label: str) -> bool:
        return self.reach is None or self.reach.reaches(label)

    def check_reach(self, label: str) -> None:
        if self.reach is not None:
            self.reach.check_reach(label)

    def is_bounded(self) -> bool:
        """Whether it has a reach whose window is open."""
        try:
            if self.reach is not None:
                self.reach.check_open()
        except WindowClosed:
            return False
        return self.reach is not None

    def check_open(self) -> None:
        """`WindowClosed` when the window is gone whose reach bounds it as a manager."""
        if self.reach is not None and (self.window is None or not self.reach.reaches("*")):
            self.reach.check_open()

    def __repr__(self) -> str:
        if self.window is None:
            return super().__repr__()
        return f"<WebviewWindow {dumps(self.window.label, ensure_ascii=False)}>"

    def __eq__(self, other: object) -> bool:
        if self.window is None or not isinstance(other, Double) or other.window is None:
            return self is other
        return self.window.label == other.window.label

    def __hash__(self) -> int:
        return hash(self.window.label) if self.window is not None else id(self)


class HandleMethods(HandleMenus):
    """The methods of the `AppHandle` of one reach. Those that are missing are only recorded."""

    def __init__(self, desktop: Desktop, reach: Webview | None, me: Callable[[], Any]) -> None:
        """`me()` gives the handle."""
        super().__init__(desktop.menus, desktop.trays, reach, me)
        self._desktop = desktop

    def __getattr__(self, name: str) -> Any:
        return Mock(name=name, side_effect=self._check)

    def calls(self) -> list[CallInfo]:
        self._check()
        calls, reach = self._desktop.calls(), self._reach
        return calls if reach is None else [it for it in calls if reach.reaches(it.window)]

    def cancel(self, call_id: int, /) -> bool:
        self._check()
        if self._reach is not None:
            for call in self._desktop.calls():
                if call.id == call_id:
                    self._reach.check_reach(call.window)
        return self._desktop.host.cancel(call_id)

    def workers(self) -> list[Worker]:
        self._check_everywhere()
        return self._desktop.workers()

    def exit(self, exit_code: int, /) -> None:
        self._check()
        self._desktop.exit(exit_code)

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        self._check()
        run_on_main_thread(f)

    def plugin(self, plugin: Plugin, /) -> None:
        if not isinstance(plugin, Plugin):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{type(plugin).__name__!r} object is not an instance of 'Plugin'")
        self._check_everywhere()

    def remove_plugin(self, name: str, /) -> bool:
        self._check_everywhere()
        if name in ("transom", "transom-windows"):
            text = f'the plugin "{name}" cannot be removed: it is Transom itself'
            raise ValueError(text)
        return self._desktop.remove_plugin(name)

    def primary_monitor(self) -> Any:
        self._check()
        return the_screen()

    def available_monitors(self) -> list[Any]:
        return [self.primary_monitor()]

    def monitor_from_point(self, x: float, y: float, /) -> Any:
        self._check()
        return monitor_at(WindowArgumentReader.monitor_from_point(x, y))

    def cursor_position(self) -> tuple[float, float]:
        self._check()
        return self._desktop.cursor_position

    def set_theme(self, *args: Any) -> None:
        WindowArgumentReader.set_theme(*args)
        self._check_everywhere()
        for window in self._desktop.windows().values():
            window.change(theme=args[0])


class HostDouble:
    """The actors of the app, with doubles for everything that needs Tauri."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.doubles: Doubles

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def app_handle(self, _: object, call: Call) -> Double:
        return self.doubles.handle(self.doubles.desktop.caller(call.window).webview)

    def emit(self, call: Call, event: str, payload: Any) -> None:
        desktop = self.doubles.desktop
        if (webview := desktop.caller(call.window).webview) is not None:
            webview.check_open()
        desktop.emit_within(call.window, event, json_of(payload))

    def state(self, _: object, call: Call, kind: type) -> Any:
        desktop = self.doubles.desktop
        own = desktop.caller(call.window).states
        return own[kind] if kind in own else desktop.states.get(kind)

    def call_page(self, window: WindowMethods, *args: Any) -> Any:
        return self._host.call_page(window.open_label(), *args)

    def call_page_blocking(self, window: WindowMethods, *args: Any) -> Any:
        return self._host.call_page_blocking(window.open_label(), *args)

    def wait_window_end(self, window: WindowMethods, timeout: float | None, call: Call) -> str:
        return window.wait_end(timeout, call)


class Doubles:
    """Makes the doubles of one app, one for each window and reach."""

    def __init__(self, host: Host, wire: Wire) -> None:
        double = HostDouble(host)
        double.doubles = self
        self.runtime: Runtime = Runtime(cast("Host", double), None, one_of_several=True)
        self.desktop: Desktop = Desktop(host, wire, self.runtime)
        self._methods: dict[Window, dict[str, Any]] = {}
        self._made: dict[tuple[Window | None, Webview | None], Double] = {}
        self.runtime.app_handle = cast("AppHandle", self.handle(None))

    def handle(self, reach: Webview | None) -> Double:
        """The `AppHandle` of a reach."""
        return self._one(None, reach, self._new_handle)

    def webview_window(self, window: Window, reach: Webview | None) -> Double:
        """The `WebviewWindow` of a window, got through a handle of that reach."""

        def new() -> Double:
            def me() -> Double:
                return self.webview_window(window, reach)

            methods = WindowMethods(window, self.runtime, self.desktop.menus, me)
            return self._new(WebviewWindow, methods, window, reach)

        return self._one(window, reach, new)

    def handle_of(self, reach: Webview | None) -> Double:
        """The handle that something got by a manager of this reach. `WindowClosed`: its window is
        gone, unless it reached every window.
        """
        if reach is not None:
            try:
                reach.check_open()
            except WindowClosed:
                if not reach.reaches("*"):
                    raise
                return self.handle(None)
        return self.handle(reach)

    def _one(
        self, window: Window | None, reach: Webview | None, new: Callable[..., Double]
    ) -> Double:
        with self.desktop.lock:
            key = (window, reach)
            if key not in self._made:
                self._made[key] = new() if window is not None else new(reach)
            return self._made[key]

    def _new_handle(self, reach: Webview | None) -> Double:
        methods = HandleMethods(self.desktop, reach, lambda: self.handle(reach))
        handle = self._new(AppHandle, methods, None, reach)

        def app(_: Double) -> Double:
            if reach is not None:
                reach.check_open()
                reach.check_reach("*")
            return self.handle(None)

        # Each mock has a class of its own.
        type(handle).app = property(app)  # pyright: ignore[reportAttributeAccessIssue]
        return handle

    def _new(
        self, spec: type, methods: object, window: Window | None, reach: Webview | None
    ) -> Double:
        double = Double(spec=spec, wraps=methods)
        # Past the spec: these are the double's own.
        own = {"doubles": self, "desktop": self.desktop, "window": window, "reach": reach}
        own["of_window"] = window
        mocks = {} if window is None else self._methods.setdefault(window, {})
        double.__dict__.update(own, methods=mocks)
        return double
