"""Checks the options of executors when they are made, and says what to write where one is wrong."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from os import PathLike
from typing import Any, Protocol, cast

from .._commands.signatures import check_arguments

BACKENDS = ("asyncio", "trio")


class Pool(Protocol):
    """The part of a `ProcessPool` that is checked beyond its types."""

    @property
    def initializer(self) -> Callable[[], Any] | None: ...
    @property
    def backend(self) -> str: ...


def check(pool: Pool) -> None:
    """Raises `ValueError` for an argument that is not valid."""
    for name in ("workers", "max_memory", "recycle_after"):
        require(pool, name, "a whole number, at least 1", optional(whole(1)))
    require(pool, "warm", "a whole number, 0 or more", whole(0))
    require(pool, "nice", "a whole number, 0 to 19", optional(whole(0, 19)))
    require(pool, "grace", "a number of seconds, 0 or more", lambda it: is_number(it) and it >= 0)
    require(pool, "start_timeout", "a number of seconds, above 0", is_duration)
    limits = "(how often, within how many seconds), or `None`"
    require(pool, "max_restarts", limits, optional(limit(0)))
    require(pool, "quarantine", limits, optional(limit(1)))
    require(pool, "env", "a mapping of names to texts", optional(is_environment))
    require(pool, "preload", "a list of modules' names", is_list_of_names)
    require(pool, "initializer", "a function of a module", optional(callable))
    if pool.initializer is not None:
        check_arguments(pool.initializer, "`ProcessPool.initializer`")
    require(pool, "backend", '"asyncio" or "trio"', lambda it: it in BACKENDS)
    chosen = '"keep", "replace" or `None`'
    require(pool, "after_cancel", chosen, lambda it: it in ("keep", "replace", None))
    require(pool, "python", "the path of a program", optional(is_path))
    if pool.backend == "trio" and find_spec("trio") is None:
        raise ValueError("`ProcessPool.backend` is trio, which is not installed")


def require(executor: object, name: str, what: str, fits: Callable[[Any], bool]) -> None:
    value: Any = getattr(executor, name)
    if not fits(value):
        raise ValueError(f"`{type(executor).__name__}.{name}` must be {what}, got {value!r}")


def optional(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def whole(least: int, most: int | None = None) -> Callable[[Any], bool]:
    def fits(value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return value >= least and (most is None or value <= most)

    return fits


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_duration(value: Any) -> bool:
    return is_number(value) and value > 0


def limit(least: int) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if not isinstance(value, tuple | list):
            return False
        parts = cast("Sequence[Any]", value)
        return len(parts) == 2 and whole(least)(parts[0]) and is_duration(parts[1])

    return fits


def is_environment(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    items = cast("Mapping[object, object]", value).items()
    return all(is_name(name) and is_text(text) for name, text in items)


def is_name(value: object) -> bool:
    return is_text(value) and value != "" and "=" not in cast("str", value)


def is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def is_path(value: object) -> bool:
    return isinstance(value, str | PathLike)


def is_list_of_names(value: object) -> bool:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return False
    return all(isinstance(it, str) and it for it in cast("Sequence[object]", value))
