"""Is `transom.plugin`, for imports as of `pytauri.ffi.plugin`."""

import sys
from importlib import import_module

sys.modules[__name__] = import_module("transom.plugin")
