"""The plugin `window_state`, which keeps the places and sizes of windows for the next start.

It does so by itself; pages can also ask for it by its JavaScript API.
"""

from typing import TypedDict, Unpack

from ..plugin import Plugin
from . import _make

__all__ = ["Builder", "BuilderArgs"]

_make.need("window_state")


class BuilderArgs(TypedDict, total=False):
    """Arguments of `Builder.build`. There are none yet."""


class Builder:
    """Makes the plugin."""

    @staticmethod
    def build(**args: Unpack[BuilderArgs]) -> Plugin:
        """Makes the plugin, to be registered once.

        Raises:
            TypeError: An argument is unknown.
        """
        _make.check_keys("`Builder.build`", args, BuilderArgs)
        return _make.make("window_state")
