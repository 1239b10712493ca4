"""Provides the test doubles that commands get: `app_handle`, `webview_window`, events and states.

The doubles are mocks of `unittest.mock` with the real classes as their spec: `isinstance` holds, a
method that does not exist is an `AttributeError`, and what has no meaning without a display is
recorded: `main.webview_window.set_title.assert_called_once_with("Report")`.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, cast
from unittest.mock import Mock, NonCallableMock

from .._app.runtime import Runtime
from .._commands.signatures import check_callback
from .._commands.unawaited import check_returned
from .._native import AppHandle, Call, Host, WebviewWindow, check_json
from .._observe.calls import CallInfo, calls_of
from .._observe.workers import Worker, workers_of
from .._windows import page
from ..errors import WindowClosed
from ._wire import Answer


class Emitted(NamedTuple):
    """An event that Python has sent."""

    event: str
    payload: Any
    """The payload, parsed from JSON."""
    to: str | None = None
    """The label of the window that it was sent to. `None`: every window within reach."""


class Owner(Protocol):
    """The window that doubles are made for."""

    @property
    def label(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    def reaches(self, label: str, /) -> bool: ...
    def check_open(self) -> None: ...
    def check_reach(self, label: str, /) -> None: ...
    def close_soon(self) -> None: ...
    async def wait_closed(self) -> None: ...
    def block_closed(self, *, timeout: float | None = None) -> None: ...


class Double(NonCallableMock):
    """A double of a manager: of an `AppHandle` or a `WebviewWindow`."""

    desktop: "Desktop"
    owner: Owner | None

    def _get_child_mock(self, /, **kw: Any) -> Mock:
        return Mock(**kw)


class HostDouble:
    """The actors of the app, with doubles for everything that needs Tauri."""

    def __init__(self, host: Host, desktop: "Desktop") -> None:
        self._host = host
        self._desktop = desktop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def app_handle(self, _: object, call: Call) -> Double:
        return self._desktop.handle_of(self._desktop.windows[call.window])

    def emit(self, call: Call, event: str, payload: Any) -> None:
        self._desktop.windows[call.window].check_open()
        self._desktop.emit(event, payload.model_dump_json(), call.window)


class Desktop:
    """The state that the doubles of one app share. It is used from every thread."""

    def __init__(self, host: Host, windows: Mapping[str, Owner]) -> None:
        self.host = host
        self.windows = windows
        self.states: dict[type, Any] = {}
        self._handles = dict[Owner, Double]()
        self._windows = dict[Owner, Double]()
        self.emitted: list[Emitted] = []
        self.exit_code: int | None = None
        self.app_handle = self._handle_for(None)
        double = cast("Host", HostDouble(host, self))
        self.runtime = Runtime(double, cast("AppHandle", self.app_handle), one_of_several=True)

    def calls(self) -> list[CallInfo]:
        return calls_of(self.host)

    def workers(self, owner: Owner | None = None) -> list[Worker]:
        if owner is not None:
            owner.check_reach("*")
        return workers_of(self.host)

    def emit(self, event: str, payload: str, to: str | None = None) -> None:
        check_json("payload", payload)
        self.emitted.append(Emitted(event, json.loads(payload), to))

    def take_event(self, answer: Answer) -> None:
        """Records an event of a command in a worker process."""
        window, event, payload = answer.result()
        self.emit(event, payload, window)

    def manage(self, state: object, /) -> bool:
        return self.states.setdefault(type(state), state) is state

    def exit(self, exit_code: int, /) -> None:
        if self.exit_code is None:
            self.exit_code = exit_code

    def handle_of(self, owner: Owner) -> Double:
        """The double of the handle of a window. There is one for each window."""
        return self._handles.get(owner) or self._handles.setdefault(owner, self._handle_for(owner))

    def window_of(self, owner: Owner) -> Double:
        """The double of a window. There is one for each window."""
        return self._windows.get(owner) or self._windows.setdefault(owner, self._window_for(owner))

    def _handle_for(self, owner: Owner | None) -> Double:
        """The double of the handle that commands of the window `owner` get."""
        handle = self._double(AppHandle, owner)
        methods: dict[str, Callable[..., object]] = {
            "calls": self.calls,
            "cancel": self.host.cancel,
            "workers": partial(self.workers, owner),
            "exit": self.exit,
            "run_on_main_thread": _run,
        }
        for name, method in methods.items():
            getattr(handle, name).side_effect = _while_open(owner, method)

        def app(_: Double) -> Double:
            if owner is not None:
                owner.check_open()
                owner.check_reach("*")
            return self.app_handle

        # Each mock has a class of its own.
        type(handle).app = property(app)
        return handle

    def _window_for(self, owner: Owner) -> Double:
        """The double of a window."""
        window = self._double(WebviewWindow, owner)
        window.label.return_value = owner.label
        window.url.return_value = owner.url
        real = cast("WebviewWindow", window)
        for name, call in (("call", page.call), ("blocking_call", page.blocking_call)):
            getattr(window, name).side_effect = partial(call, real, runtime=self.runtime)
        window.close.side_effect = window.destroy.side_effect = owner.close_soon
        window.closed.side_effect = owner.wait_closed
        window.blocking_closed.side_effect = owner.block_closed
        return window

    def _double(self, spec: type, owner: Owner | None) -> Double:
        double = Double(spec=spec)
        # Past the spec: these are the double's own.
        double.__dict__.update(desktop=self, owner=owner)
        return double


def _run(f: Callable[[], object]) -> None:
    check_callback(f, "the function for the UI thread")
    check_returned(f, f())


def _while_open(owner: Owner | None, method: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*args: Any) -> Any:
        if owner is not None:
            owner.check_open()
        return method(*args)

    return checked


def closed(label: str) -> WindowClosed:
    """The error of a double whose window is gone."""
    return WindowClosed(f"the window `{label}`, for which this `app_handle` was made, is closed")
