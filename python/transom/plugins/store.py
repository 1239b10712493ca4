"""The plugin `store`, which keeps values of pages in files.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("store")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("store")
