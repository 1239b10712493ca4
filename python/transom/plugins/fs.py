"""The plugin `fs`, which reads and writes files within a scope.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("fs")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("fs")
