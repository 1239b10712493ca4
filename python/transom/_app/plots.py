"""Makes Matplotlib draw without windows of its own, which would disturb the app's."""

import os
import sys
from contextlib import suppress
from typing import Any

VARIABLE = "MPLBACKEND"


def draw_without_windows() -> None:
    """Makes Matplotlib draw into memory and files, if nobody has chosen a backend.

    By itself it takes a GUI toolkit that it finds. Beside this app's GTK loop, and in a thread of a
    command, that ends the process: Tk aborts when another thread than its own takes it down.
    """
    os.environ.setdefault(VARIABLE, "agg")
    matplotlib: Any = sys.modules.get("matplotlib")
    # It was imported before, and looked for the variable then. Where it has changed, it stays.
    with suppress(Exception):
        settings: dict[str, Any] = matplotlib.rcParams
        # To ask for it in the usual way would decide it.
        chosen = dict[str, Any].__getitem__(settings, "backend")
        if chosen is matplotlib.rcsetup._auto_backend_sentinel:
            matplotlib.use(os.environ[VARIABLE])
