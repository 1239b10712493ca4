"""Adds the methods of native classes that are written in Python.

They are put on the classes here, and not called by native methods. So no native frame lies
below them, which the end of the interpreter could cut.
"""

from collections.abc import Coroutine
from typing import Any, cast

from .. import _fork
from .._native import AppHandle, Webview, WebviewWindow, Window
from .._observe.calls import CallInfo
from .._observe.calls import calls as all_calls
from .._observe.calls import cancel as cancel_call
from .._observe.workers import Worker
from .._observe.workers import workers as all_workers
from . import closed as _closed
from . import evaluate as _evaluate
from . import page


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
    """Runs a function that the page exposed; awaitable. See `transom._windows.page.call`."""
    _fork.check()
    return page.call(self, name, arg, timeout=timeout)


def blocking_call(self: Any, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
    """Runs such a function from a thread. See `transom._windows.page.blocking_call`."""
    _fork.check()
    return page.blocking_call(self, name, arg, timeout=timeout)


def evaluate(self: Any, script: str, /, *, timeout: float = 5.0) -> Coroutine[Any, Any, Any]:
    """Runs a script in the page; awaitable. See `transom._windows.evaluate.evaluate`."""
    _fork.check()
    return _evaluate.evaluate(self, script, timeout=timeout)


def blocking_evaluate(self: Any, script: str, /, *, timeout: float = 5.0) -> Any:
    """Runs one from a thread. See `transom._windows.evaluate.blocking_evaluate`."""
    _fork.check()
    return _evaluate.blocking_evaluate(self, script, timeout=timeout)


def closed(self: Any, /, *, timeout: float | None = None) -> Coroutine[Any, Any, None]:
    """Waits until the window has gone; awaitable. See `transom._windows.closed.closed`."""
    _fork.check()
    return _closed.closed(self, timeout=timeout)


def blocking_closed(self: Any, /, *, timeout: float | None = None) -> None:
    """Waits on a thread that may wait. See `transom._windows.closed.blocking_closed`."""
    _fork.check()
    _closed.blocking_closed(self, timeout=timeout)


def complete() -> None:
    """Adds the methods to their classes."""
    of_pages = (call, blocking_call, evaluate, blocking_evaluate)
    for owner, methods in (
        (AppHandle, (calls, cancel, workers)),
        (WebviewWindow, (*of_pages, closed, blocking_closed)),
        (Webview, of_pages),
        (Window, (closed, blocking_closed)),
    ):
        for method in methods:
            setattr(cast("Any", owner), method.__name__, method)
