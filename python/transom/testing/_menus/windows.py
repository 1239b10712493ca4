"""Finds the window of a test that a double of `WebviewWindow` or `Window` stands for."""

from typing import Any


def window_of(double: object) -> Any:
    """The window of a double of a `WebviewWindow` or a `Window`. `TypeError`: it is none."""
    found = getattr(double, "__dict__", {}).get("of_window")
    if found is None:
        kind = type(double).__name__
        raise TypeError(f"expected a WebviewWindow or a Window, got {kind}")
    return found
