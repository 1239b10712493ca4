"""``python -m workbench``, from the folder that holds ``Tauri.toml``."""

import sys

from .app import main

if __name__ == "__main__":
    sys.exit(main())
