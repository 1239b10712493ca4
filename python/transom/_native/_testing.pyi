"""Describes the native part of `transom.testing`."""

from pathlib import Path

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
    def tell(self, token: int) -> None:
        """Put the answer `null` into the inbox, from any thread."""

def check_json(what: str, text: str, /) -> None:
    """Raise `ValueError` for text that no page could read: the argument `what`."""
