"""The plugin `shell`, which runs programs within a scope.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("shell")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("shell")
