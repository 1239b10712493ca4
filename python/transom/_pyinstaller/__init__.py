"""Tells PyInstaller, where it is used, what an app needs of this package: `hook-transom.py`."""

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """The folders with hooks. PyInstaller finds this function by its entry point."""
    return [str(Path(__file__).parent)]
