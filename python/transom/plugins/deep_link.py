"""The plugin `deep_link`, which tells pages of the URL that the app was opened with.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("deep_link")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("deep_link")
