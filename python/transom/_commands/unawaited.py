"""Detects coroutines that a plain function returned and nobody will await."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, cast

from ..errors import UnawaitedError
from .signatures import name_of

PLAIN = "Write a plain `def`; what is to be awaited it can start by `portal.start_task_soon(…)`."


def check_returned(func: Callable[..., Any], value: object, advice: str = PLAIN, /) -> None:
    """Checks the return value of a function that nobody awaits. A coroutine is closed.

    A task or a future passes: it runs whether it is awaited or not.

    Raises:
        UnawaitedError: It is a coroutine, or the like.
    """
    if value is None or not _is_unawaited(value):
        return
    kind = type(value).__name__
    if isinstance(value, Coroutine):
        cast("Coroutine[Any, Any, Any]", value).close()
    raise UnawaitedError(
        f"`{name_of(func)}` returned a {kind}, which nobody awaits, so nothing of it ran. {advice}"
    )


def _is_unawaited(value: object) -> bool:
    if inspect.isasyncgen(value):
        return True
    return inspect.isawaitable(value) and not asyncio.isfuture(value)
