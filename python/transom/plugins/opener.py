"""The plugin `opener`, which opens files and URLs with the system's programs.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("opener")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("opener")
