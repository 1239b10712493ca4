"""Exports the classes of a window's frame: screens, task bar, title bar."""

from ._native import Monitor, ProgressBarState, ProgressBarStatus, TitleBarStyle, Window

__all__ = ["Monitor", "ProgressBarState", "ProgressBarStatus", "TitleBarStyle", "Window"]
