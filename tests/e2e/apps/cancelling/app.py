"""Calls that can be held, watched and ended; `journal` tells what really ran."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import transom
from transom import AppHandle, CallContext, Commands, Reject, Wait

commands = Commands()
journal: list[str] = []
released = threading.Event()


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
async def release() -> None:
    released.set()


@commands.command()
async def reset() -> None:
    journal.clear()
    released.clear()


async def held(name: str) -> str:
    journal.append(f"{name} started")
    try:
        while not released.is_set():
            await anyio.sleep(0.01)
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


@commands.command(timeout=0.2)
async def hold_briefly(body: str) -> str:
    return await held(body)


@commands.command()
def hold_thread(body: str, ctx: CallContext) -> str:
    journal.append(f"{body} started")
    try:
        end = time.monotonic() + 20
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
