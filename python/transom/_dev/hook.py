"""Defines `on_swap`, by which a module keeps what it has made when its code is replaced."""

from typing import TypeVar

from .. import _swapping
from .._commands.signatures import check_callback

H = TypeVar("H", bound=_swapping.SwapHook)


def on_swap(func: H, /) -> H:
    """Has a function of a module called when `transom dev` has imported the module anew.

    It gets the variables of the old module, before the new code is used. What it raises keeps the
    old code. Without `transom dev` it is never called.

    ```python
    cache: dict[str, bytes] = {}


    @on_swap
    def keep(old: Mapping[str, Any]) -> None:
        cache.update(old["cache"])
    ```

    Raises:
        TypeError: It is no function.
        ValueError: It is an `async def`, or does not take one argument.
    """
    check_callback(func, "the function of `on_swap`", "old")
    if (current := _swapping.stage.get()) is not None:
        current.hooks.append((func.__module__, func))
    return func
