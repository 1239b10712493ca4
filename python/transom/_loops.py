"""The event loop that a task runs on, whoever started it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def poster() -> Callable[..., None]:
    """Gives what calls a function with its arguments soon on the event loop that runs here.

    That may be called on any thread, does not wait, and does nothing once the loop has ended.

    Raises:
        RuntimeError: No event loop of asyncio or trio runs here.
    """
    post = post_of_this_loop()

    def soon(act: Callable[..., object], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended
            post(act, *args)

    return soon


def post_of_this_loop() -> Callable[..., object]:
    """As `poster`, but what it gives raises `RuntimeError` once the loop has ended."""
    try:
        return asyncio.get_running_loop().call_soon_threadsafe
    except RuntimeError:
        import trio  # noqa: PLC0415

        return trio.lowlevel.current_trio_token().run_sync_soon
