"""Exports the names of `transom.window` once more, for imports as of `pytauri.ffi.window`."""

from .. import window as _window
from ..window import *

__all__: list[str] = []
__all__ += _window.__all__
