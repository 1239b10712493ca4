"""What commands get in the place of Tauri: `app_handle`, `webview_window`, events and states.

The doubles are mocks of `unittest.mock` with the real classes as their spec: `isinstance` holds, a
method that does not exist is an `AttributeError`, and what has no meaning without a display is
recorded: `main.webview_window.set_title.assert_called_once_with("Report")`.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from unittest.mock import Mock, NonCallableMock

from .. import _page
from .._calls import CallInfo, calls_of
from .._native import AppHandle, Call, Host, WebviewWindow, check_json
from .._runtime import Runtime
from .._signatures import check_callback
from .._workers import Worker, workers_of
from ..errors import WindowClosed
from ._wire import Answer

if TYPE_CHECKING:
    from ._window import TestWindow


class Emitted(NamedTuple):
    """An event that Python has sent."""

    event: str
    payload: Any
    """What its JSON gives."""
    to: str | None = None
    """The label of the window it was sent to; `None`: everyone within reach."""


class Double(NonCallableMock):
    """A double of a manager: of an `AppHandle` or a `WebviewWindow`."""

    desktop: "Desktop"
    owner: "TestWindow | None"

    def _get_child_mock(self, /, **kw: Any) -> Mock:
        return Mock(**kw)


class HostDouble:
    """The actors, with what needs Tauri replaced."""

    def __init__(self, host: Host, desktop: "Desktop") -> None:
        self._host = host
        self._desktop = desktop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def app_handle(self, _: object, call: Call) -> Double:
        return self._desktop.windows[call.window].app_handle

    def emit(self, call: Call, event: str, payload: Any) -> None:
        self._desktop.windows[call.window].check_open()
        self._desktop.emit(event, payload.model_dump_json(), call.window)


class Desktop:
    """What the doubles of one app share. Used from every thread."""

    def __init__(self, host: Host, windows: Mapping[str, "TestWindow"]) -> None:
        self.host = host
        self.windows = windows
        self.states: dict[type, Any] = {}
        self.emitted: list[Emitted] = []
        self.exit_code: int | None = None
        self.app_handle = self.handle_for(None)
        double = cast("Host", HostDouble(host, self))
        self.runtime = Runtime(double, cast("AppHandle", self.app_handle), one_of_several=True)

    def calls(self) -> list[CallInfo]:
        return calls_of(self.host)

    def workers(self, owner: "TestWindow | None" = None) -> list[Worker]:
        if owner is not None:
            owner.check_reach("*")
        return workers_of(self.host)

    def emit(self, event: str, payload: str, to: str | None = None) -> None:
        check_json("payload", payload)
        self.emitted.append(Emitted(event, json.loads(payload), to))

    def take_event(self, answer: Answer) -> None:
        """Of a command in a worker process."""
        window, event, payload = answer.result()
        self.emit(event, payload, window)

    def manage(self, state: object, /) -> bool:
        return self.states.setdefault(type(state), state) is state

    def exit(self, exit_code: int, /) -> None:
        if self.exit_code is None:
            self.exit_code = exit_code

    def handle_for(self, owner: "TestWindow | None") -> Double:
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

    def window_for(self, owner: "TestWindow") -> Double:
        """The double of a window."""
        window = self._double(WebviewWindow, owner)
        window.label.return_value = owner.label
        window.url.return_value = owner.url
        real = cast("WebviewWindow", window)
        for name, call in (("call", _page.call), ("blocking_call", _page.blocking_call)):
            getattr(window, name).side_effect = partial(call, real, runtime=self.runtime)
        window.close.side_effect = window.destroy.side_effect = owner.close_soon
        window.closed.side_effect = owner.wait_closed
        window.blocking_closed.side_effect = owner.block_closed
        return window

    def _double(self, spec: type, owner: "TestWindow | None") -> Double:
        double = Double(spec=spec)
        # Past the spec: these are the double's own.
        double.__dict__.update(desktop=self, owner=owner)
        return double


def _run(f: Callable[[], object]) -> None:
    check_callback(f, "the function for the UI thread")
    f()


def _while_open(owner: "TestWindow | None", method: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*args: Any) -> Any:
        if owner is not None:
            owner.check_open()
        return method(*args)

    return checked


def closed(label: str) -> WindowClosed:
    """The error of everything that was made for a window that is gone."""
    return WindowClosed(f"the window `{label}`, for which this `app_handle` was made, is closed")
