"""The plugin `http`, which sends requests from Rust, without the limits of a page.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("http")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("http")
