"""Builds and runs the app: a working folder, the app's state, the window loop, the exit code."""

import logging
import tempfile
from pathlib import Path

import transom
from transom import AppHandle, Manager

from .commands import commands
from .desk import Desk
from .documents import Library
from .windows import guard_main

HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the app until its last window is closed; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        library = Library(Path(folder))
        library.fill_from(HERE / "documents")

        def setup(app_handle: AppHandle) -> None:
            Manager.manage(app_handle, library)
            Manager.manage(app_handle, Desk())
            guard_main(app_handle)

        return transom.run(commands, HERE, setup=setup)
