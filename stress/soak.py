"""Runs heavy libraries in workers, without windows: `make soak`.

    python stress/soak.py [--quick] [LIBRARY…]

Each library is cancelled 200 times, at random moments from its import on; after every fifth cancel
and at the end it must give the right answer. Then its workers are killed, it is preloaded, and made
to hold more memory than it may. Prints a table of what became of the calls and of the workers. Exit
code 1: an answer was wrong, or a call did not end as it must.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import anyio
from libraries import ALL, MODULES, Work, hoard

from transom import Commands, ProcessPool
from transom.testing import InvokeError, TestApp, TestWindow

MOST_MEMORY = 700 << 20
PACKAGES = {"sklearn": "scikit-learn"}


@dataclass
class Seen:
    """What became of one library."""

    name: str
    ends: Counter[str] = field(default_factory=Counter[str])
    replaced: int = 0
    slow: float = 0.0
    """Seconds of the longest wait for the end of a cancelled call."""
    first: float = 0.0
    """Seconds of the first call: the import is in it."""
    wrong: list[str] = field(default_factory=list[str])
    preload: str = "-"
    kills: int = 0
    memory: str = "-"


@asynccontextmanager
async def app_of(work: Work, **pool: Any) -> AsyncIterator[tuple[TestApp, TestWindow]]:
    """An app with that work as a command of its workers."""
    commands = Commands()
    for func in (work, hoard):
        commands.command(executor="process")(func)
    pool = {"workers": 1, "grace": 10.0, "quarantine": None, **pool}
    async with TestApp(commands, executors={"process": ProcessPool(**pool)}) as app:
        yield app, app.window()


async def soak(work: Work, cancels: int, **pool: Any) -> Seen:
    """Cancels the calls of one library at random moments: half of them in workers that have not
    imported it yet, half in such as have.
    """
    seen, moments = Seen(work.__name__), random.Random(work.__name__)
    async with app_of(work, **pool) as (app, window):
        right = await window.invoke(seen.name)
        kill_all(app)
        seen.first = await duration(window, seen)
        span = await duration(window, seen)
        for turn in range(cancels):
            fresh = turn % 2 == 0
            if fresh:
                kill_all(app)
            await cancel(app, window, seen, moments.uniform(0, seen.first if fresh else span))
            if fresh or turn % 5 == 4 or turn == cancels - 1:
                await check(window, seen, right, f"after cancel {turn}")
    return seen


async def cancel(app: TestApp, window: TestWindow, seen: Seen, after: float) -> None:
    """Cancels a call after so many seconds."""
    call = window.start(seen.name)
    await anyio.sleep(after)
    running = {it.id for it in app.workers() if it.state == "busy"}
    call.cancel()
    begin = time.monotonic()
    try:
        await call
    except InvokeError as error:
        if error.code != "aborted":
            seen.wrong.append(f"a cancel after {after:.3f} s: {error}")
    seen.ends[await call.released()] += 1
    seen.slow = max(seen.slow, time.monotonic() - begin)
    kept = {it.id for it in app.workers() if it.state in ("idle", "busy")}
    seen.replaced += len(running - kept)


async def duration(window: TestWindow, seen: Seen) -> float:
    """Seconds that a call takes."""
    begin = time.monotonic()
    await window.invoke(seen.name)
    return time.monotonic() - begin


def kill_all(app: TestApp) -> None:
    """The next call gets a worker that has imported nothing."""
    for worker in app.workers():
        worker.kill()


async def check(window: TestWindow, seen: Seen, right: Any, when: str) -> None:
    """Whether the answer is still right."""
    try:
        found = await window.invoke(seen.name)
    except InvokeError as error:
        seen.wrong.append(f"{when}: {error}")
    else:
        if found != right:
            seen.wrong.append(f"{when}: another answer")


async def kill(work: Work, seen: Seen, kills: int) -> None:
    """Kills workers at random moments of their calls."""
    moments = random.Random(work.__name__)
    async with app_of(work) as (app, window):
        right = await window.invoke(seen.name)
        for turn in range(kills):
            kill_all(app)
            call = window.start(seen.name)
            await anyio.sleep(moments.uniform(0, seen.first))
            seen.kills += sum(it.kill() for it in app.workers() if it.state == "busy")
            try:
                await call
            except InvokeError as error:
                if error.code != "worker-lost":
                    seen.wrong.append(f"kill {turn}: {error}")
            await check(window, seen, right, f"after kill {turn}")


async def preload(work: Work, seen: Seen) -> None:
    """Imports the library once, for all workers."""
    module = MODULES.get(seen.name, seen.name)
    async with app_of(work, preload=[module]) as (_, window):
        begin = time.monotonic()
        right = await window.invoke(seen.name)
        await check(window, seen, right, "preloaded")
        seen.preload = f"{time.monotonic() - begin:.1f} s"


async def limit(work: Work, seen: Seen) -> None:
    """Holds more memory than it may."""
    async with app_of(work, max_memory=MOST_MEMORY) as (_, window):
        right = await window.invoke(seen.name)
        try:
            await window.invoke("hoard", seen.name)
        except InvokeError as error:
            seen.memory = "lost" if error.code == "worker-lost" else error.code
        if seen.memory != "lost":
            seen.wrong.append(f"over its memory: {seen.memory}")
        await check(window, seen, right, "after the limit")


def row(seen: Seen) -> str:
    """One library, as in `docs/internals/benchmarks.md`."""
    ends = [str(seen.ends[it]) for it in ("cancelled", "finished", "killed")]
    name = f"{seen.name} {version(PACKAGES.get(seen.name, seen.name))}"
    cells = [name, *ends, seen.replaced, f"{seen.slow:.2f} s", len(seen.wrong)]
    return "| " + " | ".join(map(str, [*cells, seen.preload, seen.kills, seen.memory])) + " |"


def main() -> int:
    """Soaks the chosen libraries, one after another."""
    parser = argparse.ArgumentParser(description="Runs heavy libraries in workers.")
    parser.add_argument("--quick", action="store_true", help="10 cancels and 2 kills each")
    parser.add_argument("--cancels", type=int, default=200)
    parser.add_argument("--after-cancel", choices=("keep", "replace"))
    names = [work.__name__ for work in ALL]
    parser.add_argument("library", nargs="*", metavar="LIBRARY", help=", ".join(names))
    options = parser.parse_args()
    if unknown := set(options.library) - set(names):
        parser.error(f"no such library: {', '.join(sorted(unknown))}; there are {names}")
    cancels, kills = (10, 2) if options.quick else (options.cancels, 10)

    async def all_of(work: Work) -> Seen:
        seen = await soak(work, cancels, after_cancel=options.after_cancel)
        await kill(work, seen, kills)
        await preload(work, seen)
        await limit(work, seen)
        return seen

    print(
        "| library | cancelled | finished | killed | replaced | longest | wrong | preloaded | kills"
        " | limit |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    wrong: list[str] = []
    for work in ALL:
        if options.library and work.__name__ not in options.library:
            continue
        seen = anyio.run(all_of, work)
        print(row(seen), flush=True)
        wrong += [f"{seen.name}, {it}" for it in seen.wrong]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
