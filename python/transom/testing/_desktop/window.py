"""Defines `Window`: one window of a test, from its opening to its end."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from ..._native import Channel, CloseQuestion, CloseRound, WindowEvent
from ...errors import WindowClosed
from .._menus.bars import Bar
from .._menus.containers import AMenu
from .cookies import CookieJar
from .lanes import Hearing, LaneHandler, Lanes
from .state import WindowState, within_limits

OWN = "tauri://localhost"
"""The address of the app's own pages."""


def origin_of(url: str) -> str | None:
    """The address of a remote page. `None`: it is one of the app itself."""
    return None if url == OWN or url.startswith(f"{OWN}/") else url


class Webview(Protocol):
    """The page in a window. It is told from any thread."""

    def reaches(self, label: str, /) -> bool:
        """Whether its commands may reach the window `label`; `"*"`: every window."""
        ...

    def check_reach(self, label: str, /) -> None:
        """`PermissionError` where they may not."""
        ...

    def check_open(self) -> None:
        """`WindowClosed` when its window is gone."""
        ...

    def reload_soon(self) -> None: ...
    def navigate_soon(self, url: str, /) -> None: ...
    def end_soon(self) -> None: ...


class Screen(Protocol):
    """What the windows of an app have in common."""

    lock: threading.RLock
    lanes: Lanes
    cursor_position: tuple[float, float]
    cookies: CookieJar

    def focus(self, window: "Window | None", hearing: Hearing | None = None, /) -> None:
        """Gives a window the focus, and takes it from the one that had it."""
        ...

    def take_out(self, window: "Window", /) -> None:
        """Frees the label of a window."""
        ...

    def channel(self, label: str, number: int, /) -> Channel:
        """Opens a channel of the page in a window."""
        ...

    def state(self, kind: type, window: "Window | None", /) -> Any:
        """The state of a window, else of the app. `ValueError`: there is none."""
        ...

    def try_state(self, kind: type, window: "Window | None", /) -> Any:
        """The same, or `None`."""
        ...

    def close_question(self, act: Callable[[], object], /) -> CloseQuestion: ...


class Window:
    """A window. It is used from every thread."""

    def __init__(
        self,
        screen: Screen,
        label: str,
        url: str,
        state: WindowState,
        args: Mapping[str, Any],
        bar: Bar,
    ) -> None:
        self.screen = screen
        self.label = label
        self.url = url
        self.state = state
        self.args = args
        """The arguments that it was built with."""
        self.bar = bar
        self.scripts: list[str] = list[str]()
        """What `eval` was called with."""
        self.states: dict[type, Any] = {}
        """Its own state objects, until it is closed."""
        self.webview: Webview | None = None
        self.closed: threading.Event = threading.Event()
        self._handlers = list[LaneHandler]()
        self.farewell: Hearing = Hearing()
        """Ends with its handlers of `Destroyed`."""
        self._question = screen.close_question(self._close_unasked)
        self._asking: Hearing | None = None
        self._unanswered = 0
        """How many handlers have not decided about its close request."""

    def check_open(self) -> None:
        """`WindowClosed` when it is gone."""
        if self.closed.is_set():
            raise WindowClosed(f"the window `{self.label}` is closed")

    # What changes it.

    def change(self, hearing: Hearing | None = None, /, **fields: Any) -> None:
        """Sets fields of its state, and tells its handlers of what follows from that."""
        with self.screen.lock:
            self.check_open()
            state = self.state
            size, position, shown = state.inner_size, state.position, state.is_shown()
            for name, value in fields.items():
                setattr(state, name, value)
            state.inner_size = within_limits(state, state.inner_size)
            if state.inner_size != size:
                self.tell(WindowEvent.Resized(state.inner_size), hearing)
            if state.position != position:
                self.tell(WindowEvent.Moved(state.position), hearing)
            if shown and not state.is_shown() and state.focused:
                self.screen.focus(None, hearing)

    def show_menu(self, menu: AMenu | None) -> AMenu | None:
        """Gives it a menu of its own, or takes its menu away; returns the one before."""
        with self.screen.lock:
            self.check_open()
            return self.bar.show(menu)

    def center(self) -> None:
        """Moves it to the middle of the screen."""
        with self.screen.lock:
            self.change(position=self.state.centered())

    def bring_to_front(self) -> None:
        """Shows it and gives it the focus."""
        with self.screen.lock:
            self.change(minimized=False, visible=True)
            self.screen.focus(self)

    def focus(self, hearing: Hearing | None = None, /) -> None:
        """Gives it the focus, unless it is hidden, or takes none."""
        with self.screen.lock:
            self.check_open()
            if self.state.is_shown() and self.state.focusable:
                self.screen.focus(self, hearing)

    # Handlers.

    def add_handler(self, handler: LaneHandler) -> None:
        with self.screen.lock:
            self.check_open()
            self._handlers.append(handler)

    def tell(self, event: object, hearing: Hearing | None = None, /) -> None:
        """Calls its handlers of window events with `event`, off this thread."""
        with self.screen.lock:
            self._post(event, hearing or Hearing(), lambda: None)

    def _post(self, event: object, hearing: Hearing, answered: Callable[[], object]) -> None:
        def ended() -> None:
            answered()
            hearing.end()

        for handler in self._handlers:
            hearing.add()
            self.screen.lanes.post(handler, (event,), ended)

    # Its end.

    def request_close(self) -> Hearing:
        """Asks its handlers whether it may close, and closes it when none objects."""
        hearing = Hearing()
        with self.screen.lock:
            if not self.closed.is_set():
                verdict = self._question.request(len(self._handlers))
                if verdict is True:
                    self.destroy()
                elif verdict is False and self._asking is not None:
                    return self._asking
                elif not isinstance(verdict, bool):
                    self._asking = hearing
                    self._unanswered = len(self._handlers)
                    self._post(verdict.event, hearing, partial(self._answered, verdict))
        hearing.end()
        return hearing

    def _answered(self, question: CloseRound) -> None:
        with self.screen.lock:
            self._unanswered -= 1
        question.answered()

    def _close_unasked(self) -> None:
        """Closes it because no handler has objected, or none has answered in time."""
        self.destroy()
        if self._unanswered and self._asking is not None:
            self.farewell.cut()
            self._asking.cut()

    def destroy(self) -> None:
        """Closes it without asking anyone. Does nothing once it is closed."""
        with self.screen.lock:
            if self.closed.is_set():
                return
            self.closed.set()
            self.screen.take_out(self)
            self.states.clear()
            self.tell(WindowEvent.Destroyed(), self.farewell)
        self.farewell.end()
        if self.webview is not None:
            self.webview.end_soon()
