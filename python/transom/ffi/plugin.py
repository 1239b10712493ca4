"""Exports the names of `transom.plugin` once more, for imports as of `pytauri.ffi.plugin`."""

from .. import plugin as _plugin
from ..plugin import *

__all__: list[str] = []
__all__ += _plugin.__all__
