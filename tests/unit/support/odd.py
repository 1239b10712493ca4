"""Provides exceptions whose parts raise, and logging that raises."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NoReturn


class ApiError(Exception):
    """As programs have it: what is not there is a `KeyError`, for `__notes__` too."""

    def __init__(self, **data: Any) -> None:
        super().__init__("api")
        self.data = data

    def __getattr__(self, name: str) -> Any:
        return self.data[name]


class NoTextError(Exception):
    def __str__(self) -> NoReturn:
        raise SystemExit("str")

    __repr__ = __str__


class NoClassError(Exception):
    @property
    def __class__(self) -> NoReturn:
        raise KeyboardInterrupt("class")

    @__class__.setter
    def __class__(self, _: object) -> None: ...


class NoAttributesError(Exception):
    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


class NamelessType(type):
    def __getattribute__(cls, name: str) -> Any:
        if name in ("__qualname__", "__name__", "__module__"):
            raise SystemExit(name)
        return super().__getattribute__(name)


class NamelessError(Exception, metaclass=NamelessType):
    pass


class FalseError(Exception):
    def __bool__(self) -> NoReturn:
        raise KeyboardInterrupt("bool")


ODD: list[Callable[[], BaseException]] = [
    ApiError,
    NoTextError,
    NoClassError,
    NoAttributesError,
    NamelessError,
    FalseError,
]
NAMES = [vars(type)["__qualname__"].__get__(it) for it in ODD]


class RaisingHandler(logging.Handler):
    """A handler that raises what it was made with, instead of telling `logging`."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def emit(self, record: logging.LogRecord) -> NoReturn:
        raise self.error


class RaisingFilter(logging.Filter):
    """As programs have it: it takes for granted what the records of the program have."""

    def filter(self, record: logging.LogRecord) -> bool:
        arguments: Any = record.args
        return arguments["kind"] != "noise"
