"""Exports the classes of windows with a page in them."""

from typing import TYPE_CHECKING, Any, TypeAlias

from ._exported import claim as _claim
from ._native import SameSite, Webview, WebviewUrl, WebviewWindow, WebviewWindowBuilder
from ._windows.dictionaries import Cookie

if TYPE_CHECKING:
    from ._native import WebviewWindowBuilderArgs
else:
    # For annotations only: the native side reads the arguments and says what is wrong with them.
    WebviewWindowBuilderArgs = dict[str, Any]

__all__ = [
    "Color",
    "Cookie",
    "SameSite",
    "Webview",
    "WebviewUrl",
    "WebviewWindow",
    "WebviewWindowBuilder",
    "WebviewWindowBuilderArgs",
]

Color: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and alpha, 0 to 255 each."""

_claim(globals())
