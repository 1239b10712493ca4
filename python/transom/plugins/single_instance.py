"""The plugin `single_instance`, which lets an app run once: a second start ends at once.

Register it before all others, so that a second instance ends before it has done anything.
"""

from collections.abc import Callable

from .._native import AppHandle
from ..plugin import Plugin
from . import _make

__all__ = ["init"]

_make.need("single_instance")

from .._native import make_single_instance  # noqa: E402 - only there if the build has the plugin


def init(callback: Callable[[AppHandle, list[str], str], object] | None, /) -> Plugin:
    """Makes the plugin, to be registered once.

    Args:
        callback: Called as `callback(app_handle, argv, cwd)` in the instance that runs, for every
            further one: with its arguments, as in its `sys.argv`, and its current folder. It may be
            an `async def`, and is called off the UI thread. What it raises is logged.

    Raises:
        TypeError: `callback` cannot be called.
    """
    return make_single_instance(callback)
