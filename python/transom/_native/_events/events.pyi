"""Describes the classes that send and receive events between pages, Python and Rust."""

from collections.abc import Callable
from typing import ClassVar, Literal, final

from pydantic import BaseModel

from ..._windows.events import EventTargetType
from .._app.manager import ImplManager

class EventTarget:
    """Who hears an event. A listener of the page that names no target hears every event."""

    @final
    class Any(EventTarget):
        """Everyone."""

        def __new__(cls) -> EventTarget.Any: ...

    @final
    class AnyLabel(EventTarget):
        """Every window and webview of this label."""

        __match_args__: ClassVar = ("label",)
        @property
        def label(self) -> str: ...
        def __new__(cls, label: str) -> EventTarget.AnyLabel: ...

    @final
    class App(EventTarget):
        """The app."""

        def __new__(cls) -> EventTarget.App: ...

    @final
    class Window(EventTarget):
        __match_args__: ClassVar = ("label",)
        @property
        def label(self) -> str: ...
        def __new__(cls, label: str) -> EventTarget.Window: ...

    @final
    class Webview(EventTarget):
        __match_args__: ClassVar = ("label",)
        @property
        def label(self) -> str: ...
        def __new__(cls, label: str) -> EventTarget.Webview: ...

    @final
    class WebviewWindow(EventTarget):
        __match_args__: ClassVar = ("label",)
        @property
        def label(self) -> str: ...
        def __new__(cls, label: str) -> EventTarget.WebviewWindow: ...

@final
class Event:
    """An event that a listener was called with."""

    id: int
    """What `listen` returned."""
    payload: str
    """JSON text."""

@final
class Emitter:
    """Sends events.

    Where the manager (a command's `app_handle`) may not reach every window, an event goes to the
    app's listeners and to the windows within reach, and no listener of another window hears it; a
    target beyond reach raises `PermissionError`.

    A page that is far behind loses an event, when it has taken nothing for a second, or when nobody
    may wait where the event is sent: on an event loop, in a plain callback, on the UI thread.

    `payload` is a pydantic model; the `_str` forms take JSON text. Every method raises
    `ValueError` for an event name with other characters than letters, digits, `-`, `/`, `:`
    and `_`, or for a text that is not JSON.
    """

    @staticmethod
    def emit(slf: ImplManager, event: str, payload: BaseModel, /) -> None:
        """Send `event` to everyone."""

    @staticmethod
    def emit_str(slf: ImplManager, event: str, payload: str, /) -> None:
        """Send `event` to everyone."""

    @staticmethod
    def emit_to(slf: ImplManager, target: EventTarget, event: str, payload: BaseModel, /) -> None:
        """Send `event` to `target`, and to listeners that name no target."""

    @staticmethod
    def emit_str_to(slf: ImplManager, target: EventTarget, event: str, payload: str, /) -> None:
        """Send `event` to `target`, and to listeners that name no target."""

    @staticmethod
    def emit_filter(
        slf: ImplManager,
        event: str,
        payload: BaseModel,
        filter: Callable[[EventTargetType], bool],
        /,
    ) -> None:
        """Send `event` to the targets for which `filter(target)` is true.

        Listeners that name no target hear it too. `filter` runs in the calling thread, for the
        app and for every open window in each way it can be named.
        """

    @staticmethod
    def emit_str_filter(
        slf: ImplManager, event: str, payload: str, filter: Callable[[EventTargetType], bool], /
    ) -> None:
        """As `emit_filter`."""

@final
class Listener:
    """Hears events.

    What listens through a command's `app_handle` ends with the window that called. The `…_any`
    forms need a manager that may reach every window, else they raise `PermissionError`.

    A plain handler is called on the callback thread, an `async def` one on the portal, 256 times at
    once at most. What it raises is logged. For a handler that is slower than they come `bound`
    events wait (131,072; 10,000,000 at most), or 64 MiB of them. `on_full` says what becomes of one
    more:

    - `"drop"`: it is lost, counted in `metrics().counters["dropped-callback"]`, and logged.
    - `"latest"`: the one that has waited longest makes room for it.
    - `"wait-off-thread"`: `Emitter` and `ctx.emit` wait for room, 10 seconds at most, on every
      thread but that of the UI, of an event loop, and of callbacks. For events that are sent there,
      and by pages, Rust and worker processes, there is room for as many again; then they are lost.

    An event name with other characters than letters, digits, `-`, `/`, `:` and
    `_` raises `ValueError`; a manager that is a window that is gone, `WindowClosed`.
    """

    @staticmethod
    def listen(
        slf: ImplManager,
        event: str,
        handler: Callable[[Event], object],
        /,
        *,
        bound: int | None = None,
        on_full: Literal["drop", "latest", "wait-off-thread"] = "drop",
    ) -> int:
        """Call `handler(event)` for every `event` sent to the manager; return an id."""

    @staticmethod
    def once(slf: ImplManager, event: str, handler: Callable[[Event], object], /) -> int:
        """As `listen`, for the next such event only."""

    @staticmethod
    def listen_any(
        slf: ImplManager,
        event: str,
        handler: Callable[[Event], object],
        /,
        *,
        bound: int | None = None,
        on_full: Literal["drop", "latest", "wait-off-thread"] = "drop",
    ) -> int:
        """As `listen`, whoever the event is sent to."""

    @staticmethod
    def once_any(slf: ImplManager, event: str, handler: Callable[[Event], object], /) -> int:
        """As `listen_any`, for the next such event only."""

    @staticmethod
    def unlisten(slf: ImplManager, id: int, /) -> None:
        """End what `listen` began, and what waits for it. An unknown id is ignored."""
