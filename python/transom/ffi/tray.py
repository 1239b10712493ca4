"""Is `transom.tray`, for imports as of `pytauri.ffi.tray`."""

import sys
from importlib import import_module

sys.modules[__name__] = import_module("transom.tray")
