"""Imports debugpy, and pydevd in it, which only an app under `transom dev --debug` needs."""

from importlib import import_module
from typing import Any


def debugpy() -> Any:
    """The package `debugpy`."""
    return import_module("debugpy")


def pydevd() -> Any:
    """The debugger itself, which debugpy brings along."""
    import_module("debugpy.server")  # puts it where it is found
    return import_module("pydevd")
