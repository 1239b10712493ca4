"""Lets the apps of the stress tests measure themselves and report; imported by `apps/*.py`."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal

import transom
from transom import AppHandle, Commands, ProcessPool

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
PLAN: dict[str, Any] = json.loads(os.environ["STRESS_PLAN"])
"""What `run.py` asks for."""

commands = Commands()
"""The commands of the app; those here are for its pages."""


@commands.command()
async def plan() -> dict[str, Any]:
    """What `run.py` asks for."""
    return PLAN


@commands.command()
async def failed(body: str, app_handle: AppHandle) -> None:
    """A script of a page has failed: there will be no figures."""
    print(f"a page failed: {body}", flush=True)
    app_handle.exit(99)


def run(pools: Mapping[str, ProcessPool]) -> int:
    """Runs the app with these pools of worker processes; its exit code."""
    context = transom.context_factory(Path(sys.argv[0]).parent)
    with start_blocking_portal("asyncio") as portal:
        handler = commands.generate_handler(portal, executors=pools)
        return transom.builder_factory().build(context, invoke_handler=handler).run_return()


def tell(**figures: Any) -> None:
    """Gives the figures to `run.py`: the last line of this form counts."""
    print("FIGURES", json.dumps(figures), flush=True)


def resident() -> int:
    """Bytes of memory that this process, the host, has resident."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_SIZE


def descriptors() -> int:
    """Files, sockets and the like that this process, the host, has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> Counter[str]:
    """Threads of this process, the host, whoever made them, by name."""
    names: Counter[str] = Counter()
    for name in Path("/proc/self/task").glob("*/comm"):
        with suppress(OSError):  # it has ended meanwhile
            names[name.read_text().strip()] += 1
    return names


def held() -> dict[str, Any]:
    """Everything that is held."""
    return dataclasses.asdict(transom.metrics())


def counted() -> Mapping[str, int]:
    """How calls ended, by code; `value` for the good end."""
    return transom.metrics().counters


def load_of(gauges: dict[str, Any], window: str) -> int:
    """Calls of a window, running and queued, answered ones that still run included."""
    it = gauges["windows"].get(window, {"live": 0, "orphans": 0})
    return it["live"] + it["orphans"]


def main_thread_starved() -> float:
    """Milliseconds in which the UI thread was ready to run and had no processor."""
    schedstat = Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text()
    return int(schedstat.split()[1]) / 1e6


def wait(probe: Callable[[], bool], seconds: float) -> float | None:
    """How long it took until `probe` was true; `None`: longer than `seconds`."""
    begin = time.monotonic()
    while not probe():
        if time.monotonic() - begin > seconds:
            return None
        time.sleep(0.002)
    return time.monotonic() - begin


class Sampler:
    """Keeps the largest load and the largest memory seen, looking every few milliseconds."""

    def __init__(self, window: str) -> None:
        self.window = window
        self.most = 0
        self.first = resident()
        self.largest = self.first
        self.looks = 0
        self.starved: list[tuple[float, float]] = []
        """For each look: when, and how long the UI thread had no processor until then, in ms."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            gauges = held()
            # Not the app's `calls`: that counts one that the window is about to refuse.
            self.most = max(self.most, load_of(gauges, self.window))
            self.largest = max(self.largest, resident())
            self.looks += 1
            self.starved.append((time.time() * 1000, main_thread_starved()))

    def starved_between(self, begin: float, end: float) -> float:
        """How long the UI thread had no processor, in ms, between the looks in that time."""
        looks = [starved for at, starved in self.starved if begin <= at <= end]
        return looks[-1] - looks[0] if looks else 0.0

    def stop(self) -> None:
        """Ends the looking."""
        self._over.set()
        self._thread.join()


def slope(points: list[float]) -> float:
    """Growth per step of the line that fits best."""
    count = len(points)
    if count < 2:
        return 0.0
    middle, mean = (count - 1) / 2, sum(points) / count
    rise = sum((at - middle) * (point - mean) for at, point in enumerate(points))
    return rise / sum((at - middle) ** 2 for at in range(count))


def risen(points: Sequence[float]) -> float:
    """By how much the lowest of the last fifth is above the lowest of the second: the first warms
    up, and what is about to go makes points higher, never lower."""
    fifth = len(points) // 5
    return min(points[-fifth:]) - min(points[fifth : 2 * fifth]) if fifth else 0.0


def percentile(values: list[float], part: float) -> float:
    """The smallest value that `part` of them do not exceed; of none, infinity."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")
