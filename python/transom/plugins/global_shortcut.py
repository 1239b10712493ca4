"""The plugin `global_shortcut`, which listens to keys while other programs have the keyboard.

Pages use it by its JavaScript API.
"""

from typing import TypedDict, Unpack

from ..plugin import Plugin
from . import _make

__all__ = ["Builder", "BuilderArgs"]

_make.need("global_shortcut")


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
        return _make.make("global_shortcut")
