"""Calls functions that a page has exposed; implements `WebviewWindow.call`."""

import json
from typing import TYPE_CHECKING, Any, NoReturn, cast

from anyio import fail_after
from pydantic_core import to_json

from .._app.runtime import Runtime, current
from .._call.interrupt import here, raise_cancelled
from .._call.shield import is_shielded
from .._values.binary import number_of
from ..errors import PageError, WindowClosed

if TYPE_CHECKING:
    from .._native import Webview, WebviewWindow


async def call(
    window: "WebviewWindow | Webview",
    name: str,
    arg: Any = None,
    /,
    *,
    timeout: float = 5.0,
    runtime: Runtime | None = None,
) -> Any:
    """Runs the function that the page exposed as `name`, and gives its (awaited) result.

    It may be awaited on any event loop of asyncio or trio.

    Raises:
        PageError: The function threw, it returned what Python cannot read (nested some thousand
            deep), or nothing is exposed under that name (`NotExposed`).
        ValueError: JSON, or JavaScript, has no word for `arg`: NaN, an integer that it would round.
        TimeoutError: No answer came within `timeout` seconds.
        WindowClosed: The window or its page went away, or the page has not said hello yet.
        RuntimeError: The app has no portal to wait on, or too many calls wait for this page.
    """
    runtime = runtime or current()
    if runtime.portal is None:
        raise RuntimeError("`call` needs the portal of `commands.generate_handler(portal)`")
    label, token = window.label(), next(runtime.tokens)
    number: int | None = None
    text = written(arg)

    def ask() -> None:
        nonlocal number
        inbox = portal.inbox
        number = runtime.host.call_page(window, name, text, inbox, token)

    portal = runtime.portal
    try:
        with fail_after(timeout):
            kind, value = await portal.page_reply(token, ask)
    except TimeoutError:
        kind, value = "timeout", None
    finally:
        if number is not None:
            runtime.host.forget_page_call(number)
    return result(kind, value, f"`{name}` of window `{label}`", timeout)


def blocking_call(
    window: "WebviewWindow | Webview",
    name: str,
    arg: Any = None,
    /,
    *,
    timeout: float = 5.0,
    runtime: Runtime | None = None,
) -> Any:
    """`call` for a thread that may wait: one of a plain `def` command, or one of your own.

    In a command it ends with the call: cancelled, it raises `Cancelled`.

    Raises:
        PageError, ValueError: As `call` does.
        TimeoutError: No answer came within `timeout` seconds.
        WindowClosed: The window or its page went away, or the page has not said hello yet.
        RuntimeError: This is the portal's thread or the UI thread, where the wait would keep the
            answer from coming; or too many calls wait for this page.
        Cancelled: The call that this thread runs was cancelled.
    """
    runtime = runtime or current()
    if runtime.portal is not None and runtime.portal.is_here():
        raise RuntimeError(
            "`blocking_call` would block the event loop of this app's commands: "
            "write `await webview_window.call(…)` in an `async def`"
        )
    label = window.label()
    call = None if is_shielded() else here.call
    kind, value = runtime.host.call_page_blocking(window, name, written(arg), timeout, call)
    if kind == "cancelled":
        raise_cancelled()
    return result(kind, value, f"`{name}` of window `{label}`", timeout)


def result(kind: str, value: Any, what: str, timeout: float) -> Any:
    """Returns what the function returned, or raises why there is no result."""
    match kind:
        case "value":
            return read(value, what)
        case "thrown":
            raise thrown(read(value, what))
        case "timeout":
            raise TimeoutError(f"{what} gave no answer within {timeout} s")
        case "overloaded":
            raise RuntimeError(f"{what} was not run: too many wait for its page already")
        case _:
            raise WindowClosed(f"{what}: its page is gone, or has not used Transom yet")


def written(arg: Any) -> str:
    """Writes the argument as JSON. The native side refuses what a page could not read."""
    return to_json(arg, by_alias=False, fallback=number_of).decode()


def read(text: str, what: str) -> Any:
    """Reads JSON from a page. Pydantic cannot be used, because it rejects lone surrogates."""
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        why = f"{what} gave what Python cannot read: {error}"
        raise PageError(type(error).__name__, why) from error


def thrown(error: Any) -> PageError:
    """The error for what a page has thrown. The client sends its name and message."""
    parts = cast("dict[str, Any]", error) if isinstance(error, dict) else {"message": error}
    return PageError(*(str(parts.get(key, "")) for key in ("name", "message")))


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"`{word}` is no JSON")


DECODER = json.JSONDecoder(parse_constant=_refuse)
