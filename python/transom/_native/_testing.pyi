"""Describes the native part of `transom.testing`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._windows.dictionaries import Cookie
from ._desktop.values import Monitor, Position, Theme, WebviewUrl
from ._events.channel import Channel
from ._events.window_events import WindowEvent
from ._host import Host, Inbox

class Scope:
    """What a page may do."""

    def __init__(self, allow: str, deny: str) -> None:
        """From scope entries; both are JSON lists."""
    def denial(self, own: str, label: str) -> str | None:
        """Why a command called by the window `own` may not reach the window `label`; `"*"`: every
        window. `None`: it may.
        """

class Authority:
    """Capabilities, resolved as an app resolves them. `ValueError` says what is wrong."""

    @staticmethod
    def of_folder(folder: Path) -> Authority:
        """Those that an app started from `folder` would have."""
    @staticmethod
    def of_json(capabilities: str) -> Authority:
        """Those of the text of a capability file."""
    def scope(self, label: str, url: str | None = None) -> Scope | None:
        """What a window may do. `None`: Tauri refuses whatever it sends to Python."""
    def windows(self) -> list[str]:
        """The windows that the app opens at its start, as JSON."""
    def tray_icon(self) -> str | None:
        """The tray icon that the app makes at its start, as JSON, if any."""

class TestPages:
    """The pages of an app without a display. Answers come through the inbox, by token."""

    def __init__(self, host: Host) -> None: ...
    @property
    def inbox(self) -> Inbox:
        """Where the answers are: `(token, "json" | "raw" | "error", value)`."""
    def open(self, label: str) -> None: ...
    def page_started(self, label: str) -> None: ...
    def close(self, label: str) -> None: ...
    def call(
        self,
        token: int,
        label: str,
        scope: Scope,
        headers: list[tuple[str, bytes]],
        body: bytes,
    ) -> None:
        """Send a call: the frame's headers, its head among them, and the body's bytes."""
    def control(
        self, token: int, label: str, scope: Scope, args: str, origin: str | None = None
    ) -> None:
        """Send a control frame, from the app's own page or from the remote `origin`."""
    def pull(self, token: int, label: str, args: str) -> None: ...
    def next(self, token: int, label: str, args: str) -> None:
        """Ask for the next items of a stream."""
    def channel(self, label: str, number: int) -> Channel:
        """Open a channel of the page of a window. `WindowClosed`: it is gone."""
    def close_question(self, token: int) -> CloseQuestion:
        """The question whether a window may close. The answer `null` comes when nobody objects."""
    def tell(self, token: int) -> None:
        """Put the answer `null` into the inbox, from any thread."""

def check_json(what: str, text: str, /) -> None:
    """Raise `ValueError` for text that no page could read: the argument `what`."""

class WindowArgumentReader:
    """Reads arguments as the native methods do, without a window; the errors are theirs."""

    def __getattr__(self, name: str) -> Any:
        """The static methods: one for each setter of `WebviewWindow`."""
    @staticmethod
    def set_cursor_position(position: Position, /) -> None: ...
    @staticmethod
    def set_theme(theme: Theme | None, /) -> None: ...
    @staticmethod
    def set_cookie(cookie: Cookie, /) -> None: ...
    @staticmethod
    def delete_cookie(cookie: Cookie, /) -> None: ...
    @staticmethod
    def eval(js: str, /) -> None: ...
    @staticmethod
    def navigate(url: str, /) -> str: ...
    @staticmethod
    def monitor_from_point(x: float, y: float, /) -> tuple[float, float]: ...
    @staticmethod
    def handler(handler: Callable[[Any], object], /) -> bool:
        """Whether a handler of events is `async`."""
    @staticmethod
    def build(label: str, url: WebviewUrl, /) -> str:
        """The address of a new window."""
    @staticmethod
    def arguments(**args: Any) -> None:
        """Those of a new window."""
    @staticmethod
    def from_config(config: Mapping[str, Any] | str, /) -> tuple[str, str, str]:
        """Label, address, and the complete entry as JSON, of a window of the configuration."""
    @staticmethod
    def taken(label: str) -> RuntimeError:
        """The error for a label that another window has."""

class CloseRound:
    """A close request about which handlers are asked."""

    @property
    def event(self) -> WindowEvent:
        """The event for the handlers."""
    def answered(self) -> None:
        """Note that a handler has ended."""

class CloseQuestion:
    """Asks the handlers of one window whether it may close."""

    def request(self, handlers: int) -> CloseRound | bool:
        """A round to ask so many handlers in. `True`: it closes at once; `False`: an earlier
        request is being decided."""

def screen(name: str, size: tuple[int, int], /) -> Monitor:
    """A screen at the origin, without task bars."""
