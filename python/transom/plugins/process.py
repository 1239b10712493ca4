"""The plugin `process`, which ends and restarts the app from a page.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("process")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("process")
