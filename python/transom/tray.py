"""Exports the classes of tray icons."""

from typing import TypeAlias

from ._exported import claim as _claim
from ._native import MouseButton, MouseButtonState, Subscription, TrayIcon, TrayIconEvent, has_host
from ._windows.events import TrayIconEventType

__all__ = [
    "MouseButton",
    "MouseButtonState",
    "Subscription",
    "TrayIcon",
    "TrayIconEvent",
    "TrayIconEventType",
    "TrayIconId",
    "has_host",
]

TrayIconId: TypeAlias = str

_claim(globals())
