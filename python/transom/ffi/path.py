"""Exports the names of `transom.path` once more, for imports as of `pytauri.ffi.path`."""

from .. import path as _path
from ..path import *

__all__: list[str] = []
__all__ += _path.__all__
