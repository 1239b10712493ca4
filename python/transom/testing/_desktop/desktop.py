"""Defines `Desktop`: the windows, states and events that the doubles of one app share."""

import threading
from collections.abc import Callable, Iterable, Mapping
from json import loads
from typing import Any, NamedTuple

from anyio import Event

from ..._app.runtime import Runtime
from ..._native import (
    PLUGINS,
    Channel,
    CloseQuestion,
    Host,
    WindowArgumentReader,
    WindowEvent,
    check_json,
)
from ..._observe.calls import CallInfo, calls_of
from ..._observe.workers import Worker, workers_of
from .._menus.bars import Bar, Menus
from .._menus.trays import Trays
from .._page.wire import FrameAnswer, Wire
from .._plugins.dialogs import Dialogs
from .cookies import CookieJar
from .lanes import Hearing, Lanes
from .listening import EVERYONE, Audience, EventListeners, check_event_name
from .state import WindowState, of_config, set_arguments
from .window import Window


class Emitted(NamedTuple):
    """An event that Python has sent."""

    event: str
    payload: Any
    """The payload, parsed from JSON."""
    to: str | None = None
    """The label of the window that it was sent to. `None`: every window within reach."""


class Desktop:
    """What the doubles of one app share. It is used from every thread."""

    def __init__(self, host: Host, wire: Wire, runtime: Runtime) -> None:
        self.host = host
        self.runtime = runtime
        self.wire = wire
        self.lock: threading.RLock = threading.RLock()
        self.lanes: Lanes = Lanes(runtime)
        self.listeners: EventListeners = EventListeners(self.lanes)
        self.states: dict[type, Any] = {}
        self.emitted: list[Emitted] = []
        self.exit_code: int | None = None
        self.cursor_position: tuple[float, float] = (0.0, 0.0)
        self.cookies: CookieJar = CookieJar()
        self.menus: Menus = Menus(self.lock, self.lanes, self._bars)
        self.trays: Trays = Trays(self.lock, self.lanes, self.menus.listen)
        self.dialogs: Dialogs = Dialogs(wire.soon)
        self.notifications: list[dict[str, Any]] = []
        self._removed = set[str]()
        """The plugins that were removed."""
        self._windows: dict[str, Window] = {}
        """The open windows, in the order of their opening."""
        self._callers: dict[str, Window] = {}
        """The last window of each label, open or not."""
        self._focused: Window | None = None
        self._awaited: dict[str, list[Callable[[], object]]] = {}
        """By label: what to call when a window is opened."""

    # Windows.

    def windows(self) -> dict[str, Window]:
        """The open windows by label, in the order of their opening."""
        with self.lock:
            return dict(self._windows)

    def _bars(self) -> list[Bar]:
        return [window.bar for window in self._windows.values()]

    def window(self, label: str) -> Window | None:
        """The open window with this label."""
        return self._windows.get(label)

    def caller(self, label: str) -> Window:
        """The window of a call."""
        return self._callers[label]

    def on_open(self, label: str, tell: Callable[[], object]) -> None:
        """Calls `tell()` when there is a window with this label, on any thread, or at once."""
        with self.lock:
            if label in self._windows:
                tell()
            else:
                self._awaited.setdefault(label, []).append(tell)

    def open(
        self,
        label: str,
        url: str,
        state: WindowState | None = None,
        args: Mapping[str, Any] | None = None,
        *,
        focused: bool = True,
    ) -> Window:
        """Opens a window. `RuntimeError`: another one has its label."""
        state, args = state or WindowState(), args or {}
        set_arguments(state, args)
        with self.lock:
            if label in self._windows:
                raise WindowArgumentReader.taken(label)
            window = Window(self, label, url, state, args, self.menus.new_bar(args.get("menu")))
            self._windows[label] = self._callers[label] = window
            self.wire.open(label)
            for tell in self._awaited.pop(label, ()):
                tell()
            if args.get("focused", focused):
                window.focus()
            return window

    def open_config(self, config: Any, args: Mapping[str, Any] | None = None) -> Window:
        """Opens a window of the configuration, a dict or JSON text."""
        label, url, text = WindowArgumentReader.from_config(config)
        entry = loads(text)
        return self.open(label, url, of_config(entry), args, focused=entry["focus"])

    def focus(self, window: Window | None, hearing: Hearing | None = None, /) -> None:
        """Gives a window the focus, and takes it from the one that had it."""
        with self.lock:
            before, self._focused = self._focused, window
            if before is window:
                return
            if before is not None:
                before.state.focused = False
                before.tell(WindowEvent.Focused(False), hearing)
            if window is not None:
                window.state.focused = True
                window.tell(WindowEvent.Focused(True), hearing)

    def take_out(self, window: Window, /) -> None:
        """Frees the label of a window, and ends the calls of its page."""
        with self.lock:
            if self._focused is window:
                self._focused = None
                window.state.focused = False
            del self._windows[window.label]
            if window.webview is not None:
                self.listeners.end_of(window.webview)
            self.wire.close(window.label)

    def channel(self, label: str, number: int, /) -> Channel:
        return self.wire.channel(label, number)

    def close_question(self, act: Callable[[], object], /) -> CloseQuestion:
        return self.wire.close_question(act)

    def end(self) -> None:
        """Closes every window."""
        for window in self.windows().values():
            window.destroy()

    # What else commands reach.

    async def heard(self, hearing: Hearing) -> None:
        """Waits, on the loop of the test, until handlers have ended."""
        self.wire.check_loop()
        ended = Event()
        hearing.on_end(lambda: self.wire.soon(ended.set))
        await ended.wait()

    def calls(self) -> list[CallInfo]:
        return calls_of(self.host)

    def workers(self) -> list[Worker]:
        return workers_of(self.host)

    def emit(
        self, event: str, payload: str, audience: Audience, to: Iterable[str | None] = (None,)
    ) -> None:
        """Records an event of Python's, sent to the windows `to`, and has it heard."""
        self.check_event(event, payload)
        with self.lock:
            self.emitted += [Emitted(event, loads(payload), label) for label in to]
            self.listeners.tell(event, payload, audience)

    def hear(self, event: str, payload: str) -> None:
        """Takes an event of a page, for all who listen."""
        self.check_event(event, payload)
        with self.lock:
            self.listeners.tell(event, payload, EVERYONE)

    def check_event(self, event: str, payload: str) -> None:
        """`ValueError` for what no app could send."""
        check_json("payload", payload)
        check_event_name(event)

    def emit_within(self, label: str, event: str, payload: str) -> None:
        """Sends an event to a window and to nobody else."""
        self.emit(event, payload, Audience(False, label.__eq__), (label,))

    def take_event(self, answer: FrameAnswer) -> None:
        """Takes an event of a command in a worker process."""
        self.emit_within(*answer.result())

    def manage(self, state: object, /) -> bool:
        return self.states.setdefault(type(state), state) is state

    def state(self, kind: type, window: Window | None, /) -> Any:
        """The state of a window, else of the app. `ValueError`: there is none."""
        states = self.states if window is None or kind not in window.states else window.states
        if kind not in states:
            raise ValueError(f"state() called before manage() for {kind}")
        return states[kind]

    def try_state(self, kind: type, window: Window | None, /) -> Any:
        """The same, or `None`."""
        try:
            return self.state(kind, window)
        except ValueError:
            return None

    def exit(self, exit_code: int, /) -> None:
        if self.exit_code is None:
            self.exit_code = exit_code

    def remove_plugin(self, name: str) -> bool:
        """Removes a plugin. In a test every plugin of the build is there."""
        there = name.replace("-", "_") in PLUGINS and name not in self._removed
        self._removed.add(name)
        return there
