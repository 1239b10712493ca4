"""Stress app: a command kills its workers, and some workers do not start, with default pools."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import probe
from probe import commands

from transom import AppHandle, ProcessPool

DOOM = Path(__file__).parent / "doom"


def start() -> None:
    if DOOM.exists():
        os.kill(os.getpid(), signal.SIGKILL)


@commands.command(executor="process")
def fragile(body: bool) -> str:
    if body:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@commands.command(executor="process")
def steady() -> str:
    return "alive"


@commands.command(executor="doomed")
def doomed() -> str:
    return "alive"


@commands.command()
async def doom(body: bool) -> None:
    if body:
        DOOM.touch()
    else:
        DOOM.unlink()


@commands.command()
async def finish(body: dict[str, Any], app_handle: AppHandle) -> None:
    probe.tell(**body)
    app_handle.exit(0)


if __name__ == "__main__":
    pools = {"process": ProcessPool(workers=2), "doomed": ProcessPool(workers=2, initializer=start)}
    sys.exit(probe.run(pools))
