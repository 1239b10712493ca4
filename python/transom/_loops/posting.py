"""Posts functions to the event loop of the current task, of asyncio or trio."""

import sys
from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def poster() -> Callable[..., None]:
    """Returns a function that runs another one soon on the event loop that runs here.

    That may be called on any thread, does not wait, and does nothing once the loop has ended.

    Raises:
        RuntimeError: No event loop of asyncio or trio runs here.
    """
    post = post_of_this_loop()

    def soon(act: Callable[..., object], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended
            post(act, *args)

    return soon


def is_here() -> bool:
    """Whether an event loop of asyncio or trio runs on this thread, which must not block."""
    with suppress(RuntimeError):
        get_running_loop()
        return True
    if (trio := sys.modules.get("trio")) is not None:
        with suppress(RuntimeError):
            trio.lowlevel.current_trio_token()
            return True
    return False


def post_of_this_loop() -> Callable[..., object]:
    """Like `poster`, but its result raises `RuntimeError` once the loop has ended."""
    try:
        return get_running_loop().call_soon_threadsafe
    except RuntimeError:
        import trio  # noqa: PLC0415

        return trio.lowlevel.current_trio_token().run_sync_soon
