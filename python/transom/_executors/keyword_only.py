"""Refuses options of executors that are not given by name, and says what to write instead."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

T = TypeVar("T")


def keyword_only(first: str) -> Callable[[type[T]], type[T]]:
    """For a class whose options are keyword-only: its `TypeError` says what to write.

    `first` is the option that a value without a name is meant for.
    """

    def decorate(cls: type[T]) -> type[T]:
        made = cast("Callable[..., None]", cls.__init__)
        options = [*inspect.signature(cls).parameters]

        @wraps(made)
        def init(self: T, *given: object, **named: Any) -> None:
            if given:
                raise TypeError(
                    f"`{cls.__name__}` takes its options by name: write "
                    f"`{cls.__name__}({first}={given[0]!r})`"
                )
            for name in named:
                if name not in options:
                    there = ", ".join(f"`{it}`" for it in options)
                    raise TypeError(f"`{cls.__name__}` has no option `{name}`: it has {there}")
            made(self, **named)

        cls.__init__ = init
        return cls

    return decorate
