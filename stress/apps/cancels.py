"""Stress app: a page cancels jobs in workers about when they finish, beside calls that it keeps."""

import contextlib
import sys
import time
from typing import Any

import probe
from probe import commands

from transom import AppHandle, Cancelled, ProcessPool


@commands.command(executor="process")
def job(body: float) -> int:
    time.sleep(body / 1000)
    return 1


@commands.command(executor="process")
def deaf(body: float) -> int:
    """Does not stop when it is told to: it is killed."""
    end = time.monotonic() + body
    while time.monotonic() < end:
        with contextlib.suppress(Cancelled):
            time.sleep(0.001)
    return 1


@commands.command(executor="process")
def innocent(body: float) -> int:
    time.sleep(body / 1000)
    return 1


@commands.command()
async def finish(body: dict[str, Any], app_handle: AppHandle) -> None:
    idle = probe.wait(lambda: probe.held()["calls"] <= 1, 5.0)
    counted = probe.counted()
    probe.tell(
        **body,
        idle=idle,
        kills=counted["worker-kill"],
        panics=counted["panic"],
        internal=counted["internal"],
        lost_in_all=counted["worker-lost"],
    )
    app_handle.exit(0)


if __name__ == "__main__":
    sys.exit(probe.run({"process": ProcessPool(workers=3, grace=0.05)}))
