"""Waits until a window is closed; implements `WebviewWindow.closed`."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

from anyio import fail_after, wait_readable
from anyio.lowlevel import checkpoint

from .._app.runtime import Runtime, current
from .._call.interrupt import here, raise_cancelled
from .._call.shield import is_shielded
from .._native import WindowEnd

if TYPE_CHECKING:
    from .._native import WebviewWindow, Window


async def closed(window: "WebviewWindow | Window", /, *, timeout: float | None = None) -> None:
    """Waits until the window has gone and its label is free; on any event loop.

    Raises:
        TimeoutError: It is still there after `timeout` seconds.
    """
    end = WindowEnd(window)
    try:
        with nullcontext() if timeout is None else fail_after(timeout):
            await checkpoint()
            while not end.is_over():
                await wait_readable(end.fileno())
    except TimeoutError:
        raise late(window, timeout) from None


def blocking_closed(
    window: "WebviewWindow | Window",
    /,
    *,
    timeout: float | None = None,
    runtime: Runtime | None = None,
) -> None:
    """`closed` for a thread that may wait: one of a plain `def` command, or one of your own.

    In a command it ends with the call: cancelled, it raises `Cancelled`.

    Raises:
        TimeoutError: It is still there after `timeout` seconds.
        RuntimeError: This is the portal's thread or the UI thread, where nobody may wait.
        Cancelled: The call that this thread runs was cancelled.
    """
    runtime = runtime or current()
    if runtime.portal is not None and runtime.portal.is_here():
        raise RuntimeError(
            "`blocking_closed` would block the event loop of this app's commands: "
            "write `await webview_window.closed()` in an `async def`"
        )
    call = None if is_shielded() else here.call
    outcome = runtime.host.wait_window_end(window, timeout, call)
    if outcome == "cancelled":
        raise_cancelled()
    if outcome == "timeout":
        raise late(window, timeout)


def late(window: "WebviewWindow | Window", timeout: float | None) -> TimeoutError:
    """The error of a window that has not closed in time."""
    return TimeoutError(f"the window `{window.label()}` was still there after {timeout} s")
