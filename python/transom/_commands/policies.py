"""Defines the queue policies of commands, and the limits of an app."""

import math
import re
from dataclasses import dataclass
from typing import Any


def check_key(name: str, key: object) -> None:
    """Raises `ValueError` if `key` is neither `"app"`, `"window"` nor a JSON pointer."""
    pointer = isinstance(key, str) and re.fullmatch(r"(/([^/~]|~[01])*)+", key, re.DOTALL)
    if key not in ("app", "window") and not pointer:
        raise ValueError(
            f'{name} must be "app", "window" or a JSON pointer into the body like "/doc", '
            f"got {key!r}"
        )


def check_count(name: str, count: object) -> None:
    """Raises `ValueError` if `count` is not a whole number from 1."""
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"{name} must be at least 1, got {count!r}")


def check_seconds(name: str, seconds: object) -> None:
    """Raises `ValueError` if `seconds` is not a finite number above 0."""
    number = seconds if isinstance(seconds, int | float) and seconds is not True else 0
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be above 0 seconds, got {seconds!r}")


@dataclass(frozen=True, slots=True)
class Wait:
    """Up to `n` calls wait for a permit; more are refused with `overloaded`.

    Args:
        n: With `concurrency_per`, so many for each key.
        max_wait: Seconds after which a call that has not started is refused with `overloaded`.
            Default: it waits for as long as it takes.
    """

    n: int = 1024
    max_wait: float | None = None

    def __post_init__(self) -> None:
        check_count("`Wait(n)` needs n >= 1; use `Reject()` to queue nothing: n", self.n)
        if self.max_wait is not None:
            check_seconds("`Wait.max_wait`", self.max_wait)

    def spec(self) -> dict[str, Any]:
        return {"kind": "wait", "limit": self.n, "max_wait": self.max_wait}


@dataclass(frozen=True, slots=True)
class Reject:
    """A call that finds no free permit is refused with `overloaded`."""

    def spec(self) -> dict[str, Any]:
        return {"kind": "reject"}


@dataclass(frozen=True, slots=True)
class Latest:
    """One call of a key waits: a newer one takes its place, and it is answered `superseded`.

    Without a `concurrency`, one call of a key runs at a time.

    Args:
        key: What keeps calls apart: `"window"`, `"app"` (all calls have one key) or a JSON
            pointer into the body, like `"/doc"`. Calls whose body has no text, number or truth
            value there share a key.
        cancel_running: A newer call also cancels the one of its key that runs; that one is
            answered `superseded` at once, and keeps its permit until its code has stopped.
    """

    key: str = "window"
    cancel_running: bool = False

    def __post_init__(self) -> None:
        check_key("`Latest.key`", self.key)

    def spec(self) -> dict[str, Any]:
        return {"kind": "latest", "key": self.key, "cancel_running": self.cancel_running}


@dataclass(frozen=True, slots=True)
class DropOldest:
    """Up to `n` calls wait; for one more, the oldest is answered `dropped`.

    The oldest of the window with the most waiting calls: no window pushes out those of others.
    Without a `concurrency`, one call runs at a time.

    Args:
        n: With `concurrency_per`, so many for each key.
    """

    n: int

    def __post_init__(self) -> None:
        check_count("`DropOldest.n`", self.n)

    def spec(self) -> dict[str, Any]:
        return {"kind": "drop-oldest", "limit": self.n}


@dataclass(frozen=True, slots=True)
class Serial:
    """Calls of one key run one at a time, in order; those of other keys go on beside them.

    A `concurrency` limits all keys together.

    Args:
        key: As for `Latest`.
    """

    key: str = "window"

    def __post_init__(self) -> None:
        check_key("`Serial.key`", self.key)

    def spec(self) -> dict[str, Any]:
        return {"kind": "serial", "key": self.key}


QueuePolicy = Wait | Reject | Latest | DropOldest | Serial
"""What happens to a call that finds no free permit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of what an app holds at once.

    Args:
        calls_per_window: Calls of one window. A page's client holds what is over it.
        calls: Calls of the app.
        max_body: Bytes of one body.
        queued_bytes: Bytes of the bodies of all calls that wait. A body that waits alone may be
            larger.
        result_bytes: Bytes of all results that are on their way to their pages. A result that is
            larger than this by itself is `payload-too-large`.
    """

    calls_per_window: int = 256
    calls: int = 1024
    max_body: int = 256 << 20
    queued_bytes: int = 64 << 20
    result_bytes: int = 256 << 20

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_count(f"`Limits.{name}`", getattr(self, name))
