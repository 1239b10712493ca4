"""Work that ends in each of its ways. The environment variable BACKEND names the event loop."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import CallContext, Commands
from transom._runtime import current

commands = Commands()
journal: list[str] = []


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
async def gauges() -> Any:
    return json.loads(current().host.gauges())


@commands.command()
async def hold(body: str) -> None:
    """Runs until it is cancelled."""
    journal.append(f"{body} started")
    try:
        await anyio.sleep_forever()
    finally:
        journal.append(f"{body} finally")


@commands.command(concurrency=1)
async def hold_alone(body: str) -> None:
    await hold(body)


@commands.command()
async def clean_up(body: float) -> None:
    """Takes that many seconds for its clean-up."""
    journal.append("clean_up started")
    try:
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(body)
        journal.append("clean_up cleaned")


@commands.command()
async def stubborn(body: float) -> str:
    """Runs to its end, whoever cancels it."""
    journal.append("stubborn started")
    with anyio.CancelScope(shield=True):
        await anyio.sleep(body)
    return "done"


@commands.command()
def hold_thread(body: str, ctx: CallContext) -> None:
    journal.append(f"{body} started")
    while True:
        ctx.check()
        time.sleep(0.005)


@commands.command()
def deaf_thread(body: float) -> str:
    """Never looks whether it is cancelled."""
    journal.append("deaf_thread started")
    time.sleep(body)
    journal.append("deaf_thread done")
    return "done"


if __name__ == "__main__":
    backend = os.environ.get("BACKEND", "asyncio")
    sys.exit(transom.run(commands, Path(__file__).parent, backend=backend))
