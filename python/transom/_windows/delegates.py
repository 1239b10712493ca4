"""Adds the methods of native classes that are written in Python.

They are put on the classes here, and not called by native methods. So no native frame lies
below them, which the end of the interpreter could cut.
"""

from collections.abc import Coroutine
from types import FunctionType
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
    """Cancel a call. `False`: it has ended, or is being cancelled.

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
    """Run the function that the page exposed as `name`; gives its (awaited) result.

    On any event loop of asyncio or trio. `arg` is anything that JSON can say, models included
    (`ValueError` for NaN, and for an integer that JavaScript would round). `timeout` in
    seconds. Raises `PageError` (the function threw, returned what cannot travel, or nothing is
    exposed: `NotExposed`), `TimeoutError`, `WindowClosed`.
    """
    _fork.check()
    return page.call(self, name, arg, timeout=timeout)


def blocking_call(self: Any, name: str, arg: Any = None, /, *, timeout: float = 5.0) -> Any:
    """`call` for a thread that may wait, with the same errors.

    `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
    with the call: `Cancelled`.
    """
    _fork.check()
    return page.blocking_call(self, name, arg, timeout=timeout)


def evaluate(self: Any, script: str, /, *, timeout: float = 5.0) -> Coroutine[Any, Any, Any]:
    """Run `script`, an expression of JavaScript, in the page; gives its (awaited) value.

    On any event loop of asyncio or trio; on every page, whether it has the client or not,
    and whatever its policy. It waits for the document to be parsed. `timeout` in seconds.
    Raises `PageError` (the script threw, is no expression, or gave what JSON cannot say, or
    more than 64 MiB), `TimeoutError` (the script goes on), `WindowClosed`.
    """
    _fork.check()
    return _evaluate.evaluate(self, script, timeout=timeout)


def blocking_evaluate(self: Any, script: str, /, *, timeout: float = 5.0) -> Any:
    """`evaluate` for a thread that may wait, with the same errors.

    `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
    with the call: `Cancelled`.
    """
    _fork.check()
    return _evaluate.blocking_evaluate(self, script, timeout=timeout)


def closed(self: Any, /, *, timeout: float | None = None) -> Coroutine[Any, Any, None]:
    """Wait until the window has gone and its label is free; on any event loop.

    Returns at once for one that has gone. `TimeoutError` after `timeout` seconds; without one
    it waits as long as the window is there.
    """
    _fork.check()
    return _closed.closed(self, timeout=timeout)


def blocking_closed(self: Any, /, *, timeout: float | None = None) -> None:
    """`closed` for a thread that may wait.

    `RuntimeError` on the portal's thread and on the UI thread. In a `def` command it ends
    with the call: `Cancelled`.
    """
    _fork.check()
    _closed.blocking_closed(self, timeout=timeout)


def _of(owner: type, method: FunctionType) -> FunctionType:
    """The same method as one of this class, for what `help` says of it."""
    own = FunctionType(method.__code__, method.__globals__, method.__name__, method.__defaults__)
    own.__kwdefaults__ = method.__kwdefaults__
    own.__annotations__ = method.__annotations__
    own.__doc__ = method.__doc__
    own.__module__ = owner.__module__
    own.__qualname__ = f"{owner.__qualname__}.{method.__name__}"
    return own


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
            setattr(cast("Any", owner), method.__name__, _of(owner, method))
