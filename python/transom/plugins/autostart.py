"""The plugin `autostart`, which has the system start the app when its user logs in.

Pages use it by its JavaScript API. In an app that runs from a Python interpreter, what the system
starts is the interpreter with the script or module of this process.
"""

from collections.abc import Sequence
from enum import Enum, auto

from ..plugin import Plugin
from . import _make

__all__ = ["MacosLauncher", "init"]

_make.need("autostart")

from .._native import make_autostart  # noqa: E402 - only there if the build has the plugin


class MacosLauncher(Enum):
    """How macOS starts the app. An app that runs from an interpreter is a launch agent always."""

    LaunchAgent = auto()
    AppleScript = auto()


def init(
    macos_launcher: MacosLauncher = MacosLauncher.LaunchAgent, args: Sequence[str] | None = None
) -> Plugin:
    """Makes the plugin, to be registered once.

    Args:
        macos_launcher: Used on macOS only.
        args: Passed to the app when the system starts it.

    Raises:
        TypeError: `macos_launcher` is something else, or `args` is not a sequence of texts.
        ValueError: An argument has a line break or a NUL character.
        RuntimeError: This process was started in a way that cannot be repeated.
    """
    _make.check_type("`macos_launcher`", macos_launcher, MacosLauncher)
    if isinstance(args, str):
        raise TypeError("`args` must be a sequence of texts, not one text")
    return make_autostart(macos_launcher is MacosLauncher.AppleScript, list(args or ()))
