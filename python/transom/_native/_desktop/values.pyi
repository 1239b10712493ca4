"""Describes the value types of windows and screens."""

from enum import Enum
from os import PathLike
from pathlib import Path
from typing import ClassVar, final

class Theme(Enum):
    """The appearance of a window."""

    Light = "Light"
    Dark = "Dark"

class CursorIcon(Enum):
    """The shape of the mouse cursor."""

    Default = "Default"
    Crosshair = "Crosshair"
    Hand = "Hand"
    Arrow = "Arrow"
    Move = "Move"
    Text = "Text"
    Wait = "Wait"
    Help = "Help"
    Progress = "Progress"
    NotAllowed = "NotAllowed"
    ContextMenu = "ContextMenu"
    Cell = "Cell"
    VerticalText = "VerticalText"
    Alias = "Alias"
    Copy = "Copy"
    NoDrop = "NoDrop"
    Grab = "Grab"
    Grabbing = "Grabbing"
    AllScroll = "AllScroll"
    ZoomIn = "ZoomIn"
    ZoomOut = "ZoomOut"
    EResize = "EResize"
    NResize = "NResize"
    NeResize = "NeResize"
    NwResize = "NwResize"
    SResize = "SResize"
    SeResize = "SeResize"
    SwResize = "SwResize"
    WResize = "WResize"
    EwResize = "EwResize"
    NsResize = "NsResize"
    NeswResize = "NeswResize"
    NwseResize = "NwseResize"
    ColResize = "ColResize"
    RowResize = "RowResize"

class UserAttentionType(Enum):
    """How loudly a window asks for the user."""

    Critical = "Critical"
    Informational = "Informational"

class TitleBarStyle(Enum):
    """The title bar on macOS."""

    Visible = "Visible"
    Transparent = "Transparent"
    Overlay = "Overlay"

class ProgressBarStatus(Enum):
    """What the progress bar shows."""

    None_ = "None"
    Normal = "Normal"
    Indeterminate = "Indeterminate"
    Paused = "Paused"
    Error = "Error"

@final
class ProgressBarState:
    """State of the progress bar; what is `None` stays as it is."""

    status: ProgressBarStatus | None
    progress: int | None
    """Percent, 0 to 100."""
    def __new__(
        cls, *, status: ProgressBarStatus | None = None, progress: int | None = None
    ) -> ProgressBarState: ...

class Effect(Enum):
    """What shines through the background of a window: Windows from `Mica` on, macOS the others."""

    AppearanceBased = "AppearanceBased"
    Light = "Light"
    Dark = "Dark"
    MediumLight = "MediumLight"
    UltraDark = "UltraDark"
    Titlebar = "Titlebar"
    Selection = "Selection"
    Menu = "Menu"
    Popover = "Popover"
    Sidebar = "Sidebar"
    HeaderView = "HeaderView"
    Sheet = "Sheet"
    WindowBackground = "WindowBackground"
    HudWindow = "HudWindow"
    FullScreenUI = "FullScreenUI"
    Tooltip = "Tooltip"
    ContentBackground = "ContentBackground"
    UnderWindowBackground = "UnderWindowBackground"
    UnderPageBackground = "UnderPageBackground"
    Mica = "Mica"
    MicaDark = "MicaDark"
    MicaLight = "MicaLight"
    Tabbed = "Tabbed"
    TabbedDark = "TabbedDark"
    TabbedLight = "TabbedLight"
    Blur = "Blur"
    Acrylic = "Acrylic"

class EffectState(Enum):
    """Whether an effect follows the window or stays as it is, on macOS."""

    FollowsWindowActiveState = "FollowsWindowActiveState"
    Active = "Active"
    Inactive = "Inactive"

class SameSite(Enum):
    """With which requests of other sites a cookie is sent."""

    Strict = "Strict"
    Lax = "Lax"
    None_ = "None"

class Position:
    """A point on the screen: `Physical` in device pixels, `Logical` in scaled ones.

    `ValueError` for what no window can be at: infinity, a place more than 32,767 from the origin.
    """

    @final
    class Physical(Position):
        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[int, int]: ...
        def __new__(cls, _0: tuple[int, int], /) -> Position.Physical: ...

    @final
    class Logical(Position):
        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[float, float]: ...
        def __new__(cls, _0: tuple[float, float], /) -> Position.Logical: ...

class Size:
    """Width and height: `Physical` in device pixels, `Logical` in scaled ones.

    `ValueError` for what is no length: a negative number, infinity. A window's own is 1 to 16,384.
    """

    @final
    class Physical(Size):
        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[int, int]: ...
        def __new__(cls, _0: tuple[int, int], /) -> Size.Physical: ...

    @final
    class Logical(Size):
        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[float, float]: ...
        def __new__(cls, _0: tuple[float, float], /) -> Size.Logical: ...

@final
class Rect:
    """A rectangle, each half in device or in scaled pixels."""

    position: Position
    size: Size
    def __new__(cls, *, position: Position, size: Size) -> Rect: ...

@final
class PhysicalRect:
    """A rectangle in device pixels."""

    position: tuple[int, int]
    size: tuple[int, int]

@final
class LogicalRect:
    """A rectangle in scaled pixels."""

    position: tuple[float, float]
    size: tuple[float, float]
    def __new__(
        cls, *, position: tuple[float, float], size: tuple[float, float]
    ) -> LogicalRect: ...

@final
class Monitor:
    """A screen, as it was when it was asked for; lengths in device pixels."""

    name: str | None
    size: tuple[int, int]
    position: tuple[int, int]
    work_area: PhysicalRect
    """What task bars and docks leave free."""
    scale_factor: float

class WebviewUrl:
    """What a window shows."""

    @final
    class App(WebviewUrl):
        """A path inside the frontend, such as `index.html`."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> Path: ...
        def __new__(cls, _0: str | PathLike[str], /) -> WebviewUrl.App: ...

    @final
    class External(WebviewUrl):
        """An absolute `http` or `https` URL."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> str: ...
        def __new__(cls, _0: str, /) -> WebviewUrl.External: ...

    @final
    class CustomProtocol(WebviewUrl):
        """A URL of a scheme that the app serves itself."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> str: ...
        def __new__(cls, _0: str, /) -> WebviewUrl.CustomProtocol: ...
