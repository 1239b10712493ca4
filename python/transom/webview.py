"""Windows with a page in them."""

from typing import TypeAlias

from ._native import Webview, WebviewUrl, WebviewWindow, WebviewWindowBuilder

__all__ = ["Color", "Webview", "WebviewUrl", "WebviewWindow", "WebviewWindowBuilder"]

Color: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and alpha, 0 to 255 each."""
