"""Exports the names of `transom.ipc` once more, for imports as of `pytauri.ffi.ipc`."""

from .. import ipc as _ipc
from ..ipc import *

__all__: list[str] = []
__all__ += _ipc.__all__
