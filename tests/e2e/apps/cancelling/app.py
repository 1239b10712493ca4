"""Test app: calls that can be held, watched and ended; `journal` records what really ran."""

import sys
import time
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import AppHandle, CallContext, Commands, Reject, Wait

commands = Commands()
journal: list[str] = []
released = anyio.Event()
enough = anyio.Event()
napping = peak = 0


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
async def release() -> None:
    released.set()


@commands.command()
async def reset() -> None:
    global released, enough, peak
    journal.clear()
    released = anyio.Event()
    enough = anyio.Event()
    peak = 0


async def held(name: str) -> str:
    journal.append(f"{name} started")
    try:
        await released.wait()
        journal.append(f"{name} done")
    finally:
        journal.append(f"{name} finally")
    return name


@commands.command()
async def hold(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1)
async def hold_alone(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1, queue=Reject())
async def hold_or_reject(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1, queue=Wait(1))
async def hold_or_wait_one(body: str) -> str:
    return await held(body)


@commands.command()
async def nap(body: int) -> int:
    """Waits until there are so many naps at the same time, and a little longer for more of them;
    returns how many there were at most.
    """
    global napping, peak
    napping += 1
    peak = max(peak, napping)
    try:
        if napping >= body:
            enough.set()
        await enough.wait()
        await anyio.sleep(0.2)
    finally:
        napping -= 1
    return peak


@commands.command()
def hold_thread(body: str, ctx: CallContext) -> str:
    journal.append(f"{body} started")
    try:
        end = time.monotonic() + 600
        while time.monotonic() < end:
            ctx.check()
            time.sleep(0.005)
    finally:
        journal.append(f"{body} finally")
    return body


@commands.command()
async def calls(app_handle: AppHandle) -> list[dict[str, Any]]:
    return [
        {"command": c.command, "window": c.window, "state": str(c.state)}
        for c in app_handle.calls()
    ]


@commands.command()
async def cancel_all(body: str, app_handle: AppHandle) -> int:
    found = [call for call in app_handle.calls() if call.command == body]
    for call in found:
        app_handle.cancel(call.id)
    return len(found)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
