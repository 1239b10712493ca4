"""Exports the names of `transom` once more, for imports as of `pytauri.ffi`."""

import transom

from .. import *

__all__: list[str] = []
__all__ += transom.__all__
