"""Exports the classes of a window's frame: screens, task bar, title bar, effects."""

from typing import TYPE_CHECKING, Any

from ._native import (
    Effect,
    EffectState,
    Monitor,
    ProgressBarState,
    ProgressBarStatus,
    TitleBarStyle,
    Window,
)
from ._planned import missing
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

if not TYPE_CHECKING:  # where it would make every name an `Any`

    def __getattr__(name: str) -> Any:
        raise missing(__name__, name)
