"""How commands queue, and how much an app holds."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wait:
    """Up to `n` calls wait for a permit; more are refused with `overloaded`."""

    n: int = 1024

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("`Wait(n)` needs n >= 1; use `Reject()` to queue nothing")

    def spec(self) -> dict[str, Any]:
        return {"kind": "wait", "limit": self.n}


@dataclass(frozen=True, slots=True)
class Reject:
    """A call that finds no free permit is refused with `overloaded`."""

    def spec(self) -> dict[str, Any]:
        return {"kind": "reject"}


QueuePolicy = Wait | Reject


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an app holds at once.

    Args:
        calls_per_window: Calls of one window. A page's client holds what is over it.
        calls: Calls of the app.
        max_body: Bytes of one body.
    """

    calls_per_window: int = 256
    calls: int = 1024
    max_body: int = 256 << 20

    def __post_init__(self) -> None:
        for name in ("calls_per_window", "calls", "max_body"):
            if getattr(self, name) < 1:
                raise ValueError(f"`Limits.{name}` must be at least 1")
