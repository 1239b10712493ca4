"""Puts a Ray cluster of two nodes under stress: `make stress ONLY=cluster`.

    target/cluster/venv/bin/python stress/cluster.py CALLS

Prints the figures as JSON in its last line. `scenarios.py` has the promises.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "cluster")]

import anyio  # noqa: E402
from nodes import Nodes, token  # noqa: E402

from transom import Commands, RayExecutor  # noqa: E402
from transom.testing import InvokeError, TestApp, TestWindow  # noqa: E402

CREDIT = 4
STORM = 100

commands = Commands()


@commands.command(executor="cluster", timeout=600)
def note(body: str) -> int:
    """Leaves a file that nobody else may have left."""
    with Path(body).open("x"):
        time.sleep(0.01)
    return os.getpid()


@commands.command(executor="cluster")
def hold() -> None:
    time.sleep(600)


@commands.command(executor="cluster")
def numbers(body: str) -> Iterator[int]:
    for number in range(100_000):
        Path(body).write_text(f"{number + 1}")
        yield number


async def with_a_node_killed(main: TestWindow, nodes: Nodes, folder: Path, calls: int) -> Any:
    """Many calls, and a node that is killed when half of them have settled."""
    outcomes = Counter[str]()

    async def one(number: int) -> None:
        try:
            await main.invoke("note", str(folder / f"{number}"))
            outcomes["ok"] += 1
        except InvokeError as error:
            twice = error.details.get("type") == "FileExistsError"
            outcomes["twice" if twice else error.code] += 1

    async with anyio.create_task_group() as tasks:
        for number in range(calls):
            tasks.start_soon(one, number)
        while outcomes.total() < calls // 2:  # noqa: ASYNC110
            await anyio.sleep(0.01)
        await anyio.to_thread.run_sync(nodes.tell, "kill")
    # What has run is a file. What was lost has run, too, if it had begun.
    return {"settled": outcomes.total(), **outcomes, "ran": entries(folder)}


def entries(folder: Path) -> int:
    return len(list(folder.iterdir()))


def written(file: Path) -> int:
    """The number in a file that another process writes meanwhile."""
    return int(file.read_text() or 0)


async def storm(main: TestWindow) -> float:
    """Seconds until many calls that were cancelled at once have been released."""
    calls = [main.start("hold") for _ in range(STORM)]
    await anyio.sleep(1)
    begun = time.monotonic()
    for call in calls:
        call.cancel()
    for call in calls:
        await call.released()
    return time.monotonic() - begun


async def slow_reader(main: TestWindow, file: Path) -> int:
    """How many items a stream has made beyond those that a slow page has taken."""
    most = 0
    async with main.stream("numbers", str(file), buffer=CREDIT) as items:
        async for item in items:
            await anyio.sleep(0.1)
            most = max(most, written(file) - (item + 1))
            if item == 30:
                break
    return most


async def play(calls: int) -> dict[str, Any]:
    """All of it, on one cluster."""
    nodes = await anyio.to_thread.run_sync(Nodes)
    try:
        executor = RayExecutor(address=nodes.address, grace=30.0)
        with tempfile.TemporaryDirectory() as folder:
            async with TestApp(commands, executors={"cluster": executor}) as app:
                main, home = app.window(), Path(folder)
                (home / "notes").mkdir()
                ahead = await slow_reader(main, home / "made")
                killed = await with_a_node_killed(main, nodes, home / "notes", calls)
                released = await storm(main)
                return {"ahead": ahead, "released": released, **killed}
    finally:
        await anyio.to_thread.run_sync(nodes.kill)


if __name__ == "__main__":
    os.environ.update(token(), RAY_worker_niceness="0")
    print(json.dumps(anyio.run(play, int(sys.argv[1]))))
