"""Exports the names of `transom.tray` once more, for imports as of `pytauri.ffi.tray`."""

from .. import tray as _tray
from ..tray import *

__all__: list[str] = []
__all__ += _tray.__all__
