"""Calls the handler of a menu item, as long as there is the item."""
# pyright: reportPrivateUsage=false

import weakref
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .._commands.signatures import check_arguments, name_of
from .callbacks import is_async


class ClickableItem(Protocol):
    """An item that can have a handler."""

    def _clicked(self) -> Callable[[Any], Any] | None: ...


def check(func: Any, /) -> None:
    """Raises `TypeError` or `ValueError` if `func` cannot be called with an item."""
    if not callable(func):
        raise TypeError(f"`on_click` must be a function, got {func!r}")
    is_async(func)
    check_arguments(func, "`on_click`", "item")


def weakly(item: ClickableItem, /) -> Callable[[], object]:
    """A function that calls the handler of `item`, but keeps neither of them alive."""
    handler = item._clicked()
    if handler is None:
        raise TypeError("the item has no handler")
    click = _awaiting(weakref.ref(item)) if is_async(handler) else _calling(weakref.ref(item))
    click.__qualname__ = name_of(handler)
    return click


def _calling(item: weakref.ref[ClickableItem]) -> Callable[[], object]:
    def click() -> object:
        found = item()
        if found is None or (handler := found._clicked()) is None:
            return None
        return handler(found)

    return click


def _awaiting(item: weakref.ref[ClickableItem]) -> Callable[[], Awaitable[object]]:
    async def click() -> object:
        found = item()
        if found is None or (handler := found._clicked()) is None:
            return None
        return await handler(found)

    return click
