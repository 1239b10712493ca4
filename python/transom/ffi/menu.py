"""Is `transom.menu`, for imports as of `pytauri.ffi.menu`."""

import sys
from importlib import import_module

sys.modules[__name__] = import_module("transom.menu")
