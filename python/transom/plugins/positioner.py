"""The plugin `positioner`, which moves windows to places such as a corner of the screen.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("positioner")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("positioner")
