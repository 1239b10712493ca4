"""Stress app: windows open, start calls, and close while these run; labels are used again."""

import itertools
import sys
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import probe
from probe import PLAN, commands

import transom
from transom import AppHandle, CallContext
from transom.webview import WebviewUrl, WebviewWindow, WebviewWindowBuilder

LABELS = ["one", "two"]
# A plain command that does not look whether it was cancelled.
STUBBORN = 0.15
# Such threads serve WebKit's connections. It forgets those of some closed windows, each with a
# descriptor, and so does a plain C program: docs/reference/process.md.
FORGOTTEN = "ReceiveQueue"


@commands.command()
async def hold() -> None:
    await anyio.sleep_forever()


@commands.command()
def hold_on_thread(ctx: CallContext) -> None:
    while True:
        ctx.check()
        time.sleep(0.002)


@commands.command()
def stubborn() -> None:
    time.sleep(STUBBORN)


@commands.command(concurrency=1)
async def queued() -> None:
    await anyio.sleep_forever()


def load(label: str) -> int:
    return probe.load_of(probe.held(), label)


def orphans(label: str) -> int:
    return probe.held()["windows"].get(label, {"orphans": 0})["orphans"]


def commands_idle() -> bool:
    gauges = probe.held()
    return gauges["calls"] == 0 and all(
        it["granted"] == 0 and it["waiting"] == 0 for it in gauges["commands"].values()
    )


def cycles(app: AppHandle) -> dict[str, Any]:
    seconds: list[float] = []
    memory: list[float] = []
    threads: list[int] = []
    descriptors: list[int] = []
    forgotten: list[int] = []
    seen = late = silent = 0
    for at, label in zip(range(PLAN["cycles"]), itertools.cycle(LABELS), strict=False):
        window = open_window(app, label)
        if probe.wait(lambda label=label: load(label) >= PLAN["calls"], 20.0) is None:
            silent += 1
        window.destroy()
        if probe.wait(lambda label=label: orphans(label) > 0, STUBBORN) is not None:
            seen += 1
        idle = probe.wait(commands_idle, 1.0)
        if idle is None:
            late += 1
            probe.wait(commands_idle, 10.0)
        seconds.append(idle or 1.0)
        memory.append(probe.resident())
        names = probe.threads()
        forgotten.append(names.pop(FORGOTTEN, 0))
        threads.append(names.total())
        descriptors.append(probe.descriptors() - forgotten[-1])
        if at % 50 == 0:
            has = f"{threads[-1]} threads and {forgotten[-1]} of WebKit's, {descriptors[-1]} files"
            print(f"cycle {at}: {probe.resident() >> 10} KiB, {has}", flush=True)
    return {
        "cycles": len(seconds),
        "silent": silent,
        "late": late,
        "orphans_seen": seen,
        "slowest": max(seconds),
        # The first fifth warms up.
        "slope": probe.slope(memory[len(memory) // 5 :]),
        "growth": memory[-1] - memory[len(memory) // 5],
        "threads": probe.risen(threads),
        "descriptors": probe.risen(descriptors),
        "forgotten": probe.risen(forgotten),
        "left": probe.held(),
    }


def open_window(app: AppHandle, label: str) -> WebviewWindow:
    page = "empty.html" if PLAN.get("empty") else "window.html"
    return WebviewWindowBuilder.build(
        app, label, WebviewUrl.App(page), title=label, inner_size=(300, 200)
    )


def setup(app: AppHandle) -> None:
    def run() -> None:
        try:
            probe.tell(**cycles(app))
        finally:
            app.exit(0)

    threading.Thread(target=run, daemon=True).start()


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=setup))
