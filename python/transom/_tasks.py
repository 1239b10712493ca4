"""Methods of native classes that are written in Python.

They are put on the classes from here, instead of being called by native ones: no native frame lies
below them, which the end of the interpreter could cut.
"""

from collections.abc import Coroutine
from typing import Any, cast

from . import _closed, _fork, _page
from ._calls import CallInfo
from ._calls import calls as all_calls
from ._calls import cancel as cancel_call
from ._native import AppHandle, WebviewWindow
from ._workers import Worker
from ._workers import workers as all_workers


def calls(self: Any) -> list[CallInfo]:
    """The calls within reach whose work has not ended, oldest first."""
    self._check(False)
    return [call for call in all_calls() if self._reaches(call.window)]


def cancel(self: Any, call_id: int, /) -> bool:
    """Cancels a call. `False`: it has ended, or is being cancelled.

    `PermissionError` for a call of a window beyond reach.
    """
    return cancel_call(self._check_call(call_id))


def workers(self: Any) -> list[Worker]:
    """The worker processes, by pool and oldest first; `worker.kill()` ends one.

    `PermissionError` unless every window is within reach: they run the calls of all.
    """
    self._check(True)
    return all_workers()


def call(
    self: Any, name: str, arg: Any = None, /, *, timeout: float = 5.0
) -> Coroutine[Any, Any, Any]:
    """Runs a function that the page exposed; awaitable. See `transom._page.call`."""
    _fork.check()
    return _page.call(self, name, arg, timeout=timeout)


def blocking_call(self: Any, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
    """The same on a thread that may wait. See `transom._page.blocking_call`."""
    _fork.check()
    return _page.blocking_call(self, name, arg, timeout=timeout)


def closed(self: Any, /, *, timeout: float | None = None) -> Coroutine[Any, Any, None]:
    """Waits until the window has gone; awaitable. See `transom._closed.closed`."""
    _fork.check()
    return _closed.closed(self, timeout=timeout)


def blocking_closed(self: Any, /, *, timeout: float | None = None) -> None:
    """The same on a thread that may wait. See `transom._closed.blocking_closed`."""
    _fork.check()
    _closed.blocking_closed(self, timeout=timeout)


def complete() -> None:
    """Puts them on their classes."""
    for owner, methods in (
        (AppHandle, (calls, cancel, workers)),
        (WebviewWindow, (call, blocking_call, closed, blocking_closed)),
    ):
        for method in methods:
            setattr(cast("Any", owner), method.__name__, method)
