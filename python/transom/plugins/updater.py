"""The plugin `updater`, which downloads and installs updates of bundled apps.

Pages use it by its JavaScript API. It downloads by https alone, and only what was signed for the
version that the server offers. `plugins.updater.requireSignedVersion = false` in the configuration
takes signatures without a version too. In an app that runs from a Python interpreter, installing an
update is refused, because it would overwrite the interpreter: `transom.updates` installs it.
"""

from typing import TypedDict, Unpack

from ..plugin import Plugin
from . import _make

__all__ = ["Builder", "BuilderArgs"]

_make.need("updater")


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
        return _make.make("updater")
