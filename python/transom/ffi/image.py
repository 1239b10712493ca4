"""Exports the names of `transom.image` once more, for imports as of `pytauri.ffi.image`."""

from .. import image as _image
from ..image import *

__all__: list[str] = []
__all__ += _image.__all__
