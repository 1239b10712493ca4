"""Describes the events of windows, webviews and the app."""

from pathlib import Path
from typing import ClassVar, final

from ..._observe.calls import CallInfo
from ..._windows.events import (
    DragDropEventType,
    TrayIconEventType,
    WebviewEventType,
    WindowEventType,
)
from .._desktop.values import Theme

@final
class CloseRequestApi:
    """Keeps a window open, when called within 5 s and before the handlers have finished."""

    def prevent_close(self) -> None:
        """Keep the window open. Of no effect when the page itself decides about its closing."""

@final
class ExitRequestApi:
    """Keeps the app running, when called within 5 s and before the callback has finished."""

    def prevent_exit(self) -> None:
        """Keep the app running. Of no effect on a restart."""

class DragDropEvent:
    """Files dragged over a window; positions in device pixels of the window."""

    @final
    class Enter(DragDropEvent):
        __match_args__: ClassVar = ("paths", "position")
        @property
        def paths(self) -> list[Path]: ...
        @property
        def position(self) -> tuple[float, float]: ...
        def __new__(
            cls, paths: list[Path], position: tuple[float, float]
        ) -> DragDropEvent.Enter: ...

    @final
    class Over(DragDropEvent):
        __match_args__: ClassVar = ("position",)
        @property
        def position(self) -> tuple[float, float]: ...
        def __new__(cls, position: tuple[float, float]) -> DragDropEvent.Over: ...

    @final
    class Drop(DragDropEvent):
        __match_args__: ClassVar = ("paths", "position")
        @property
        def paths(self) -> list[Path]: ...
        @property
        def position(self) -> tuple[float, float]: ...
        def __new__(
            cls, paths: list[Path], position: tuple[float, float]
        ) -> DragDropEvent.Drop: ...

    @final
    class Leave(DragDropEvent): ...

class WindowEvent:
    """What happens to a window; lengths in device pixels."""

    @final
    class Resized(WindowEvent):
        """The inner size is now `(width, height)`."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[int, int]: ...
        def __new__(cls, _0: tuple[int, int]) -> WindowEvent.Resized: ...

    @final
    class Moved(WindowEvent):
        """The window is now at `(x, y)`."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> tuple[int, int]: ...
        def __new__(cls, _0: tuple[int, int]) -> WindowEvent.Moved: ...

    @final
    class CloseRequested(WindowEvent):
        """The window will close unless `api.prevent_close()` is called."""

        __match_args__: ClassVar = ("api",)
        @property
        def api(self) -> CloseRequestApi: ...

    @final
    class Destroyed(WindowEvent):
        """The window is gone."""

    @final
    class Focused(WindowEvent):
        """The window gained (`True`) or lost the focus."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> bool: ...
        def __new__(cls, _0: bool) -> WindowEvent.Focused: ...

    @final
    class ScaleFactorChanged(WindowEvent):
        """The window moved to a screen of another density."""

        __match_args__: ClassVar = ("scale_factor", "new_inner_size")
        @property
        def scale_factor(self) -> float: ...
        @property
        def new_inner_size(self) -> tuple[int, int]: ...
        def __new__(
            cls, scale_factor: float, new_inner_size: tuple[int, int]
        ) -> WindowEvent.ScaleFactorChanged: ...

    @final
    class DragDrop(WindowEvent):
        """Files are dragged over the window."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> DragDropEventType: ...
        def __new__(cls, _0: DragDropEventType) -> WindowEvent.DragDrop: ...

    @final
    class ThemeChanged(WindowEvent):
        """The system's theme changed."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> Theme: ...
        def __new__(cls, _0: Theme) -> WindowEvent.ThemeChanged: ...

    @final
    class _NonExhaustive(WindowEvent): ...

class WebviewEvent:
    """What happens to a webview."""

    @final
    class DragDrop(WebviewEvent):
        """Files are dragged over the webview."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> DragDropEventType: ...

    @final
    class _NonExhaustive(WebviewEvent): ...

class RunEvent:
    """What happens to the app, for the callback of `App.run` and `App.run_return`."""

    @final
    class Exit(RunEvent):
        """The loop ends."""

    @final
    class ExitRequested(RunEvent):
        """The app will exit unless `api.prevent_exit()` is called.

        `code` is `None` when the last window closed.
        """

        __match_args__: ClassVar = ("code", "api")
        @property
        def code(self) -> int | None: ...
        @property
        def api(self) -> ExitRequestApi: ...
        @property
        def jobs(self) -> list[CallInfo]:
            """The calls that outlived their page and still run; the exit cancels them."""

    @final
    class WindowEvent(RunEvent):
        """Something happened to the window `label`."""

        __match_args__: ClassVar = ("label", "event")
        @property
        def label(self) -> str: ...
        @property
        def event(self) -> WindowEventType: ...

    @final
    class WebviewEvent(RunEvent):
        """Something happened to the webview `label`."""

        __match_args__: ClassVar = ("label", "event")
        @property
        def label(self) -> str: ...
        @property
        def event(self) -> WebviewEventType: ...

    @final
    class Ready(RunEvent):
        """The loop runs."""

    @final
    class Resumed(RunEvent):
        """The loop goes on."""

    @final
    class MainEventsCleared(RunEvent):
        """One turn of the loop is over. Conflated: not every turn is reported."""

    @final
    class MenuEvent(RunEvent):
        """A menu item with this id was chosen."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> str: ...

    @final
    class TrayIconEvent(RunEvent):
        """The mouse did something at a tray icon; not on Linux."""

        __match_args__: ClassVar = ("_0",)
        @property
        def _0(self) -> TrayIconEventType: ...

    @final
    class _NonExhaustive(RunEvent): ...
