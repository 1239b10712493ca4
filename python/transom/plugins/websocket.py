"""The plugin `websocket`, which connects to WebSockets from Rust.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("websocket")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("websocket")
