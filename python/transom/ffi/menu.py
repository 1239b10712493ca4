"""Exports the names of `transom.menu` once more, for imports as of `pytauri.ffi.menu`."""

from .. import menu as _menu
from ..menu import *

__all__: list[str] = []
__all__ += _menu.__all__
