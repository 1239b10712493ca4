"""Describes the native parts of `transom.ipc`'s channels."""

from typing import final

from .._desktop.webview_window import Webview

@final
class JavaScriptChannelId:
    """The id of a channel, as the page sends it."""

    @staticmethod
    def from_str(value: str, /) -> JavaScriptChannelId:
        """Read `__CHANNEL__:<number>`; `ValueError` for anything else."""

    @property
    def number(self) -> int:
        """The channel's number on its page."""

    def channel_on(self, webview: Webview, /) -> Channel:
        """The channel on the page that sent this id."""

@final
class Channel:
    """Sends to the page. Dropping the last reference ends it on the page."""

    def id(self) -> int: ...
    def send(self, data: str | bytes, /) -> None:
        """Send JSON text, or bytes (an `ArrayBuffer` on the page), in order; waits for room."""
