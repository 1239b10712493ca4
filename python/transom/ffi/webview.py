"""Exports the names of `transom.webview` once more, for imports as of `pytauri.ffi.webview`."""

from .. import webview as _webview
from ..webview import *

__all__: list[str] = []
__all__ += _webview.__all__
