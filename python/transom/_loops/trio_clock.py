"""Keeps the clock of a trio loop, which is `time.perf_counter`, from what commands replace."""

from importlib import import_module
from typing import Any, cast

import trio

from .system import Clock


class SystemClock(trio.abc.Clock):
    """Does what trio's own clock does, by the function that was there at first."""

    def __init__(self, offset: float) -> None:
        self._offset = offset

    def start_clock(self) -> None:
        pass

    def current_time(self) -> float:
        return self._offset + Clock.perf_counter()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        return deadline - self.current_time()


def keep_trio_clock() -> None:
    """Gives the running loop such a clock, unless it has one of somebody's own."""
    # What has the clock has no name in trio's interface.
    core = cast("Any", import_module("trio._core._run"))
    runner = core.GLOBAL_RUN_CONTEXT.runner
    if type(runner.clock) is core.SystemClock:
        runner.clock = SystemClock(runner.clock.offset)
