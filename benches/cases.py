"""Defines the benchmark cases: which actions of `measure.js` each of them compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """Some actions, timed turn and turn about in one page.

    The first of `native` is the yardstick; without one there are only times. `batch` is how
    many calls are timed together: some 50 ms on a middling machine.
    """

    name: str
    title: str
    python: str
    native: tuple[str, ...] = ()
    batch: int = 100
    at_once: int = 1
    only: str | None = None
    """The one app that has the command; none means all."""

    def plan(self, rounds: int) -> dict[str, Any]:
        """The argument of `measure.js`."""
        return {
            "actions": [*self.native, self.python],
            "batch": self.batch,
            "atOnce": self.at_once,
            "warmUp": self.batch * 2,
            "rounds": rounds,
        }


CASES = [
    Case("one", "one small call after the other", "greet", ("join", "version")),
    Case("many", "64 small calls at once", "greet", ("join", "version"), batch=256, at_once=64),
    Case("json", "64 KiB of JSON there and back", "echo", ("normalize",), batch=50),
    Case("raw", "1 MiB of bytes there and back", "raw", ("normalize",), batch=10),
    Case("thread", "one small call of a plain `def`", "greet_on_thread", ("join",)),
    Case("progress", "a call with 100 reports of progress", "steps", batch=20, only="transom"),
]
