"""Calling the functions that a page has exposed: behind `WebviewWindow.call`."""

import json
from typing import TYPE_CHECKING, Any

from anyio import fail_after
from pydantic_core import to_json

from ._runtime import current
from .errors import PageError, WindowClosed

if TYPE_CHECKING:
    from ._native import WebviewWindow


async def call(
    window: "WebviewWindow", name: str, arg: Any = None, /, *, timeout: float = 5.0
) -> Any:
    """Runs the function that the page exposed as `name`, and gives its (awaited) result.

    Raises:
        PageError: The function threw, or nothing is exposed under that name (`NotExposed`).
        TimeoutError: No answer came within `timeout` seconds.
        WindowClosed: The window or its page went away, or the page has not said hello yet.
        RuntimeError: The app has no portal to wait on, or too many calls wait for this page.
    """
    runtime = current()
    if runtime.portal is None:
        raise RuntimeError("`call` needs the portal of `commands.generate_handler(portal)`")
    label, token = window.label(), next(runtime.tokens)
    number: int | None = None

    def ask() -> None:
        nonlocal number
        inbox = portal.inbox
        number = runtime.host.call_page(label, name, to_json(arg).decode(), inbox, token)

    portal = runtime.portal
    try:
        with fail_after(timeout):
            kind, value = await portal.page_reply(token, ask)
    except TimeoutError:
        raise TimeoutError(
            f"`{name}` of window `{label}` gave no answer within {timeout} s"
        ) from None
    finally:
        if number is not None:
            runtime.host.forget_page_call(number)
    if kind == "value":
        return json.loads(value)
    if kind == "thrown":
        raise PageError(*value)
    if kind == "overloaded":
        raise RuntimeError(f"too many calls wait for the page of window `{label}`")
    raise WindowClosed(f"the page of window `{label}` is gone, or has not used Transom yet")
