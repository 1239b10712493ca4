"""Stress app: a page calls in bursts, with pauses in which only one long call runs."""

import sys
from pathlib import Path
from typing import Any

import anyio
import probe
from probe import commands

import transom
from transom import AppHandle


@commands.command()
async def echo(body: list[int]) -> list[int]:
    return body


@commands.command()
async def late(body: float) -> str:
    await anyio.sleep(body)
    return "late"


@commands.command()
async def end(body: dict[str, Any], app_handle: AppHandle) -> None:
    probe.tell(**body)
    app_handle.exit(0)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
