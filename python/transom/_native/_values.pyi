"""Describes the value types of windows and screens."""

from os import PathLike
from pathlib import Path
from typing import ClassVar, final

@final
class Theme:
    """The appearance of a window."""

    Light: ClassVar[Theme]
    Dark: ClassVar[Theme]

@final
class CursorIcon:
    """The shape of the mouse cursor."""

    Default: ClassVar[CursorIcon]
    Crosshair: ClassVar[CursorIcon]
    Hand: ClassVar[CursorIcon]
    Arrow: ClassVar[CursorIcon]
    Move: ClassVar[CursorIcon]
    Text: ClassVar[CursorIcon]
    Wait: ClassVar[CursorIcon]
    Help: ClassVar[CursorIcon]
    Progress: ClassVar[CursorIcon]
    NotAllowed: ClassVar[CursorIcon]
    ContextMenu: ClassVar[CursorIcon]
    Cell: ClassVar[CursorIcon]
    VerticalText: ClassVar[CursorIcon]
    Alias: ClassVar[CursorIcon]
    Copy: ClassVar[CursorIcon]
    NoDrop: ClassVar[CursorIcon]
    Grab: ClassVar[CursorIcon]
    Grabbing: ClassVar[CursorIcon]
    AllScroll: ClassVar[CursorIcon]
    ZoomIn: ClassVar[CursorIcon]
    ZoomOut: ClassVar[CursorIcon]
    EResize: ClassVar[CursorIcon]
    NResize: ClassVar[CursorIcon]
    NeResize: ClassVar[CursorIcon]
    NwResize: ClassVar[CursorIcon]
    SResize: ClassVar[CursorIcon]
    SeResize: ClassVar[CursorIcon]
    SwResize: ClassVar[CursorIcon]
    WResize: ClassVar[CursorIcon]
    EwResize: ClassVar[CursorIcon]
    NsResize: ClassVar[CursorIcon]
    NeswResize: ClassVar[CursorIcon]
    NwseResize: ClassVar[CursorIcon]
    ColResize: ClassVar[CursorIcon]
    RowResize: ClassVar[CursorIcon]

@final
class UserAttentionType:
    """How loudly a window asks for the user."""

    Critical: ClassVar[UserAttentionType]
    Informational: ClassVar[UserAttentionType]

@final
class TitleBarStyle:
    """The title bar on macOS."""

    Visible: ClassVar[TitleBarStyle]
    Transparent: ClassVar[TitleBarStyle]
    Overlay: ClassVar[TitleBarStyle]

@final
class ProgressBarStatus:
    """What the progress bar shows."""

    # Named `None` at run time, which no annotation can spell: use `getattr(…, "None")` to hide it.
    Normal: ClassVar[ProgressBarStatus]
    Indeterminate: ClassVar[ProgressBarStatus]
    Paused: ClassVar[ProgressBarStatus]
    Error: ClassVar[ProgressBarStatus]

@final
class ProgressBarState:
    """State of the progress bar; what is `None` stays as it is."""

    status: ProgressBarStatus | None
    progress: int | None
    """Percent, 0 to 100."""
    def __new__(
        cls, *, status: ProgressBarStatus | None = None, progress: int | None = None
    ) -> ProgressBarState: ...

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
