"""Is `transom.image`, for imports as of `pytauri.ffi.image`."""

import sys
from importlib import import_module

sys.modules[__name__] = import_module("transom.image")
