"""Stress app: one page starts calls and reloads while they run, over and over."""

import sys
import time
from pathlib import Path
from typing import Any

import anyio
import probe
from probe import PLAN, commands

import transom
from transom import AppHandle, CallContext

started: dict[int, int] = {}
ended: dict[int, list[float]] = {}
memory: list[float] = []
waits: list[float] = []


def end(turn: int) -> None:
    ended.setdefault(turn, []).append(time.time() * 1000)


@commands.command()
async def hold(body: int) -> None:
    started[body] = started.get(body, 0) + 1
    try:
        await anyio.sleep_forever()
    finally:
        end(body)


@commands.command()
def hold_on_thread(body: int, ctx: CallContext) -> None:
    started[body] = started.get(body, 0) + 1
    try:
        while True:
            ctx.check()
            time.sleep(0.002)
    finally:
        end(body)


@commands.command(concurrency=1)
async def queued(body: int) -> None:
    await hold(body)


@commands.command()
async def how_many_held(body: int) -> int:
    return started.get(body, 0) - len(ended.get(body, []))


@commands.command()
async def turn(body: dict[str, Any], app_handle: AppHandle) -> int | None:
    """The number of the next turn, after the last one has been looked at; `None`: enough."""
    last, reloaded = body["turn"], body["at"]
    if last is not None:
        with anyio.move_on_after(10):
            while len(ended.get(last, [])) < started.get(last, 0):  # noqa: ASYNC110
                await anyio.sleep(0.002)
        waits.append(max(ended.pop(last, [float("inf")])) - reloaded)
        started.pop(last, None)
        memory.append(probe.resident())
        if last % 50 == 0:
            print(f"turn {last}: {probe.resident() >> 10} KiB", flush=True)
    following = 0 if last is None else last + 1
    if following < PLAN["cycles"]:
        return following
    idle = probe.wait(lambda: probe.held()["calls"] <= 1, 1.0)
    probe.tell(
        cycles=len(waits),
        late=sum(wait > 1000 for wait in waits),
        slowest=max(waits) / 1000,
        slope=probe.slope(memory[len(memory) // 5 :]),
        growth=memory[-1] - memory[len(memory) // 5],
        idle=idle,
        left=probe.held(),
    )
    app_handle.exit(0)
    return None


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
