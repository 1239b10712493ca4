"""The plugin `log`, which brings what pages log to Python's logger `transom.webview`.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("log")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("log")
