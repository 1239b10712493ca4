"""Stress app: a page keeps the workers of a pool busy while they are killed one after another."""

import contextlib
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import probe
from family import alive, workers, zygotes
from probe import commands

from transom import AppHandle, ProcessPool

BUSY = Path(__file__).parent / "busy"
pool = ProcessPool(workers=2, quarantine=None, max_restarts=None)


@commands.command(executor="process")
def work(body: float) -> float:
    BUSY.mkdir(exist_ok=True)
    mark = BUSY / str(os.getpid())
    mark.touch()
    try:
        time.sleep(body)
    finally:
        mark.unlink()
    return body


@commands.command()
async def begin() -> None:
    killer.thread.start()


class Killer:
    """Kills a random worker again and again, and keeps the books."""

    def __init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.over = threading.Event()
        self.killed: dict[int, float] = {}
        self.busy = self.unsure = self.zombies = 0
        self.descriptors: list[int] = []

    def _run(self) -> None:
        while not self.over.wait(0.2):
            with contextlib.suppress(ProcessLookupError):
                if there := [pid for pid in workers(os.getpid()) if alive(pid)]:
                    self._kill(random.choice(there))
            late = time.monotonic() - 2
            self.zombies += sum(
                Path(f"/proc/{pid}").exists() for pid, at in self.killed.items() if at < late
            )
            self.descriptors.append(probe.descriptors())

    def _kill(self, pid: int) -> None:
        # It stands still while somebody looks whether it is busy.
        os.kill(pid, signal.SIGSTOP)
        is_busy = (BUSY / str(pid)).exists()
        os.kill(pid, signal.SIGKILL)
        self.killed[pid] = time.monotonic()
        if is_busy:
            self.busy += 1
        else:
            self.unsure += 1


killer = Killer()


@commands.command()
async def finish(body: dict[str, Any], app_handle: AppHandle) -> None:
    idle = probe.wait(lambda: probe.held()["calls"] <= 1, 5.0)
    gone = probe.wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in killer.killed), 5.0)
    half = killer.descriptors[: len(killer.descriptors) // 2]
    rest = killer.descriptors[len(half) :]
    probe.tell(
        **body,
        idle=idle,
        gone=gone,
        kills=len(killer.killed),
        busy=killer.busy,
        unsure=killer.unsure,
        zombies=killer.zombies,
        # Between kills the number moves with the workers that are about to start or to end.
        growth=max(rest, default=0) - max(half, default=0),
        panics=probe.counted()["panic"],
        internal=probe.counted()["internal"],
        there=[*workers(os.getpid()), *zygotes(os.getpid())],
    )
    app_handle.exit(0)


@commands.command()
async def stop() -> None:
    killer.over.set()
    killer.thread.join()


if __name__ == "__main__":
    sys.exit(probe.run({"process": pool}))
