"""The plugin `clipboard_manager`, which reads and writes the clipboard.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("clipboard_manager")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("clipboard_manager")
