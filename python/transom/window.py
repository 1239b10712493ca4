"""Exports the classes of a window's frame: screens, task bar, title bar."""

from typing import TYPE_CHECKING, Any

from ._native import Monitor, ProgressBarState, ProgressBarStatus, TitleBarStyle, Window
from ._planned import missing

__all__ = ["Monitor", "ProgressBarState", "ProgressBarStatus", "TitleBarStyle", "Window"]

if not TYPE_CHECKING:  # where it would make every name an `Any`

    def __getattr__(name: str) -> Any:
        raise missing(__name__, name)
