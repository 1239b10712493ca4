"""The plugin `upload`, which uploads and downloads files with progress.

Pages use it by its JavaScript API.
"""

from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("upload")


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("upload")
