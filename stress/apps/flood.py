"""Stress app: one page makes all its calls in one loop, while some older calls are cancelled."""

import sys
import time
from pathlib import Path
from typing import Any

import anyio
import probe
from probe import PLAN, commands

import transom
from transom import AppHandle, CallContext

ended: dict[int, float] = {}
running = 0


@commands.command()
async def hold(body: int) -> None:
    global running
    running += 1
    try:
        await anyio.sleep_forever()
    finally:
        running -= 1
        ended[body] = time.time() * 1000


@commands.command()
async def how_many_held() -> int:
    return running


@commands.command()
async def work(body: int) -> int:
    if body % 7 == 0:
        await anyio.sleep(0.001)
    return body


@commands.command()
def work_on_thread(body: int) -> int:
    return body


@commands.command()
async def begin() -> None:
    global sampler
    sampler = probe.Sampler("main")


@commands.command()
async def finish(body: dict[str, Any], app_handle: AppHandle, ctx: CallContext) -> None:
    sampler.stop()
    aborted: dict[str, float] = body.pop("aborted")
    times = [(at, ended[int(key)]) for key, at in aborted.items() if int(key) in ended]
    waits = [end - at for at, end in times]
    # Beside other programs a cancel waits for a processor, like all else.
    served = [end - at - sampler.starved_between(at, end) for at, end in times]
    idle = probe.wait(lambda: probe.held()["calls"] <= 1, 1.0)
    probe.tell(
        **body,
        most=sampler.most,
        looks=sampler.looks,
        limit=PLAN["limit"],
        growth=sampler.largest - sampler.first,
        cancels=len(waits),
        missed=len(aborted) - len(waits),
        p50=probe.percentile(waits, 0.5),
        p99=probe.percentile(waits, 0.99),
        served=probe.percentile(served, 0.99),
        idle=idle,
    )
    app_handle.exit(0)


if __name__ == "__main__":
    limits = transom.Limits(calls_per_window=PLAN["limit"])
    sys.exit(transom.run(commands, Path(__file__).parent, limits=limits))
