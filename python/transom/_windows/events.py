"""Defines unions of the event classes' variants, for annotations and `match`."""

from typing import TypeAlias

from .._native import (
    DragDropEvent,
    EventTarget,
    Position,
    RunEvent,
    Size,
    TrayIconEvent,
    WebviewEvent,
    WebviewUrl,
    WindowEvent,
)

__all__ = [
    "DragDropEventType",
    "EventId",
    "EventTargetType",
    "PositionType",
    "RunEventType",
    "SizeType",
    "TrayIconEventType",
    "Url",
    "WebviewEventType",
    "WebviewUrlType",
    "WindowEventType",
]

EventId: TypeAlias = int
Url: TypeAlias = str

RunEventType: TypeAlias = (
    RunEvent.Exit
    | RunEvent.ExitRequested
    | RunEvent.WindowEvent
    | RunEvent.WebviewEvent
    | RunEvent.Ready
    | RunEvent.Resumed
    | RunEvent.MainEventsCleared
    | RunEvent.MenuEvent
    | RunEvent.TrayIconEvent
)
WindowEventType: TypeAlias = (
    WindowEvent.Resized
    | WindowEvent.Moved
    | WindowEvent.CloseRequested
    | WindowEvent.Destroyed
    | WindowEvent.Focused
    | WindowEvent.ScaleFactorChanged
    | WindowEvent.DragDrop
    | WindowEvent.ThemeChanged
)
WebviewEventType: TypeAlias = WebviewEvent.DragDrop
DragDropEventType: TypeAlias = (
    DragDropEvent.Enter | DragDropEvent.Over | DragDropEvent.Drop | DragDropEvent.Leave
)
EventTargetType: TypeAlias = (
    EventTarget.Any
    | EventTarget.AnyLabel
    | EventTarget.App
    | EventTarget.Window
    | EventTarget.Webview
    | EventTarget.WebviewWindow
)
PositionType: TypeAlias = Position.Physical | Position.Logical
SizeType: TypeAlias = Size.Physical | Size.Logical
WebviewUrlType: TypeAlias = WebviewUrl.App | WebviewUrl.External | WebviewUrl.CustomProtocol
TrayIconEventType: TypeAlias = (
    TrayIconEvent.Click
    | TrayIconEvent.DoubleClick
    | TrayIconEvent.Enter
    | TrayIconEvent.Move
    | TrayIconEvent.Leave
)
