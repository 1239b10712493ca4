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
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "cluster")]

import anyio  # noqa: E402
from nodes import Nodes, token  # noqa: E402

from transom import Commands, RayExecutor  # noqa: E402
from transom.testing import InvokeError, TestApp, TestWindow  # noqa: E402

CREDIT = 4
DONE = " done"
STORM = 100

commands = Commands()


@commands.command(executor="cluster", timeout=600)
def note(body: str) -> str:
    """Leaves a file that nobody else may have left. Says where it runs, and when it is done."""
    node = import_module("ray").get_runtime_context().get_node_id()
    with Path(body).open("x") as file:
        file.write(node)
        file.flush()
        time.sleep(0.02)
        file.write(DONE)
    return node


@commands.command(executor="second", timeout=600)
def stay(body: str) -> str:
    """Runs on the node that is killed, and longer than that takes."""
    Path(body).write_text(node := import_module("ray").get_runtime_context().get_node_id())
    time.sleep(600)
    return node


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
    outcomes = dict[Path, str]()
    settled = Counter[Path]()

    async def one(command: str, file: Path) -> None:
        try:
            await main.invoke(command, str(file))
            outcomes[file] = "ok"
        except InvokeError as error:
            twice = error.details.get("type") == "FileExistsError"
            outcomes[file] = "twice" if twice else error.code
        settled[file] += 1

    stay = folder / "stay"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one, "stay", stay)
        for number in range(calls - 1):
            tasks.start_soon(one, "note", folder / f"{number}")
        while len(outcomes) < calls // 2 or not await is_there(stay):  # noqa: ASYNC110
            await anyio.sleep(0.01)
        killed = await anyio.Path(stay).read_text()
        await anyio.to_thread.run_sync(nodes.tell, "kill")
    notes = notes_in(folder)
    lost = {it for it, outcome in outcomes.items() if outcome == "worker-lost"}
    there = {it for it, text in notes.items() if text.startswith(killed)}
    cut_off = {it for it, text in notes.items() if not text.endswith(DONE)}
    return {
        "settled": settled.total(),
        **Counter(outcomes.values()),
        "lost elsewhere": len(lost & notes.keys() - there),
        "lost before they ran": len(lost - notes.keys()),
        # The answer of one that is done may be lost, too.
        "cut off and not lost": len(cut_off - lost),
        "ran there": len(there),
        "unheard of": len(outcomes.keys() - notes.keys() - lost),
    }


async def is_there(file: Path) -> bool:
    return await anyio.Path(file).exists()


def notes_in(folder: Path) -> dict[Path, str]:
    return {it: it.read_text() for it in folder.iterdir()}


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
        second = RayExecutor(address=nodes.address, num_cpus=0, resources={"tape": 1})
        executors = {"cluster": executor, "second": second}
        with tempfile.TemporaryDirectory() as folder:
            async with TestApp(commands, executors=executors) as app:
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
