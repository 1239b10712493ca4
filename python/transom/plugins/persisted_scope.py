"""The plugin `persisted_scope`, which keeps what the user has let pages read, for the next start.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("persisted_scope")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("persisted_scope")
