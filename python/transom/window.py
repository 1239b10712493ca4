"""Exports the classes of a window's frame: screens, task bar, title bar, effects."""

from ._exported import claim as _claim
from ._native import (
    Effect,
    EffectState,
    Monitor,
    ProgressBarState,
    ProgressBarStatus,
    TitleBarStyle,
    Window,
)
from ._windows.dictionaries import Effects

__all__ = [
    "Effect",
    "EffectState",
    "Effects",
    "Monitor",
    "ProgressBarState",
    "ProgressBarStatus",
    "TitleBarStyle",
    "Window",
]

_claim(globals())
