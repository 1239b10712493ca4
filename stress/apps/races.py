"""Stress app: a page cancels calls at about the moment at which they finish."""

import random
import sys
from pathlib import Path
from typing import Any

import anyio
import probe
from probe import commands

import transom
from transom import AppHandle

begun = finished = together = most = 0


@commands.command(concurrency=16)
async def brief(body: float) -> int:
    global begun, finished
    begun += 1
    try:
        await anyio.sleep(random.random() * body / 1000)
        return 1
    finally:
        finished += 1


@commands.command(concurrency=8)
def brief_on_thread(body: float) -> int:
    global begun, finished
    begun += 1
    finished += 1
    return 1


@commands.command(concurrency=4)
async def four(body: float) -> int:
    """How many of these were there at once, at most."""
    global together, most
    together += 1
    most = max(most, together)
    try:
        await anyio.sleep(body)
    finally:
        together -= 1
    return most


@commands.command()
async def finish(body: dict[str, Any], app_handle: AppHandle) -> None:
    idle = probe.wait(lambda: probe.held()["calls"] <= 1, 1.0)
    gauges = probe.held()
    granted = {name: it["granted"] for name, it in gauges["commands"].items() if name != "finish"}
    probe.tell(
        **body,
        idle=idle,
        begun=begun,
        unfinished=begun - finished,
        most=most,
        permits_out=sum(granted.values()),
        panics=probe.counted()["panic"],
        internal=probe.counted()["internal"],
    )
    app_handle.exit(0)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
