"""The plugin `os`, which tells of the operating system.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("os")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("os")
