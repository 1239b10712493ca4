"""Runs the workbench: ``python -m workbench``, in the folder with ``Tauri.toml``."""

import sys

from .app import main

if __name__ == "__main__":
    sys.exit(main())
