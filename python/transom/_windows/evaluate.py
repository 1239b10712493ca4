"""Runs scripts in pages and returns what they give; implements `WebviewWindow.evaluate`."""

from typing import TYPE_CHECKING, Any

from anyio import fail_after

from .._app.runtime import Runtime, current
from .._call.interrupt import here, raise_cancelled
from .._call.shield import is_shielded
from ..errors import WindowClosed
from .page import result

if TYPE_CHECKING:
    from .._native import Webview, WebviewWindow


async def evaluate(
    window: "WebviewWindow | Webview",
    script: str,
    /,
    *,
    timeout: float = 5.0,
    runtime: Runtime | None = None,
) -> Any:
    """Runs `script`, an expression of JavaScript, in the page, and gives its (awaited) value.

    It may be awaited on any event loop of asyncio or trio.

    Raises:
        PageError: The script threw, is no expression, or gave what JSON cannot say.
        TimeoutError: No answer came within `timeout` seconds. The script goes on.
        WindowClosed: The window or its page went away, or the page runs no scripts.
        RuntimeError: The app has no portal to wait on, or 1,024 scripts wait for this window.
    """
    runtime = runtime or current()
    if (portal := runtime.portal) is None:
        raise RuntimeError("`evaluate` needs the portal of `commands.generate_handler(portal)`")
    token = next(runtime.tokens)

    def ask() -> None:
        runtime.host.evaluate(window, script, portal.inbox, token)

    try:
        with fail_after(timeout):
            kind, value = await portal.page_reply(token, ask)
    except TimeoutError:
        kind, value = "timeout", None
    return _result(kind, value, window, timeout)


def blocking_evaluate(
    window: "WebviewWindow | Webview",
    script: str,
    /,
    *,
    timeout: float = 5.0,
    runtime: Runtime | None = None,
) -> Any:
    """`evaluate` for a thread that may wait: one of a plain `def` command, or one of your own.

    In a command it ends with the call: cancelled, it raises `Cancelled`.

    Raises:
        PageError, TimeoutError, WindowClosed: As `evaluate` does.
        RuntimeError: This is the portal's thread or the UI thread, or too many scripts wait.
        Cancelled: The call that this thread runs was cancelled.
    """
    runtime = runtime or current()
    if runtime.portal is not None and runtime.portal.is_here():
        raise RuntimeError(
            "`blocking_evaluate` would block the event loop of this app's commands: "
            "write `await webview_window.evaluate(…)` in an `async def`"
        )
    call = None if is_shielded() else here.call
    kind, value = runtime.host.evaluate_blocking(window, script, timeout, call)
    if kind == "cancelled":
        raise_cancelled()
    return _result(kind, value, window, timeout)


def _result(kind: str, value: Any, window: "WebviewWindow | Webview", timeout: float) -> Any:
    what = f"the script in window `{window.label()}`"
    if kind == "closed":
        raise WindowClosed(f"{what} gave nothing: its document is gone or runs no scripts")
    return result(kind, value, what, timeout)
