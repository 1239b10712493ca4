"""Measures calls to a Ray cluster beside bare Ray's, turn and turn about on one cluster.

    scripts/cluster.sh
    target/cluster/venv/bin/python benches/cluster.py [--quick] [--client]

It starts a cluster of two nodes on this machine, and the Ray of the executor `local` beside it. The
calls go through the test kit, without a page.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / it) for it in ("python", "stress", "tests/cluster")]

from figures import Figure  # noqa: E402
from nodes import Nodes, token  # noqa: E402

from transom import Commands, ProcessPool, RayExecutor  # noqa: E402
from transom.testing import TestApp, TestWindow  # noqa: E402

MANY = 64
SIZES = {"1 KiB": 1 << 10, "64 KiB": 64 << 10, "1 MiB": 1 << 20, "16 MiB": 16 << 20}

Turn = Callable[[], Awaitable[object]]


def small(body: int) -> int:
    return body


def echo(body: memoryview) -> bytes:
    return bytes(body)


async def seconds(turn: Turn) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    await turn()
    return time.perf_counter() - begun


async def beside(turns: dict[str, Turn], rounds: int) -> dict[str, float]:
    """The medians of turns that take turns. Each is made twice, and the second counts: the jobs
    take processes from each other, which Ray then starts anew.
    """
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            await turn()
            times[name].append(await seconds(turn))
    return {name: median(it) for name, it in times.items()}


def app_of(nodes: Nodes, *, client: bool) -> TestApp:
    """An app with the two commands on each executor."""
    commands = Commands()
    executors: dict[str, ProcessPool | RayExecutor] = {
        "process": ProcessPool(workers=2),
        "local": RayExecutor(),
        "cluster": RayExecutor(address=nodes.address),
    }
    if client:
        executors["client"] = RayExecutor(address=nodes.client)
    for name in ("thread", *executors):
        for func in (small, echo):
            commands.command(f"{func.__name__}_{name}", executor=name)(func)
    return TestApp(commands, executors=executors)


async def measure(nodes: Nodes, rounds: int, *, client: bool) -> list[Figure]:
    ray: Any = import_module("ray")
    ray.init(address=nodes.address, logging_level="WARNING")
    bare = ray.remote(num_cpus=1)(small)

    async def bare_one() -> None:
        ray.get(bare.remote(1))

    async def bare_many() -> None:
        ray.get([bare.remote(number) for number in range(MANY)])

    async with app_of(nodes, client=client) as app:
        main = app.window()

        def one(executor: str) -> Turn:
            return lambda: main.invoke(f"small_{executor}", 1)

        def many(executor: str) -> Turn:
            return lambda: asyncio.gather(
                *(main.invoke(f"small_{executor}", number) for number in range(MANY))
            )

        rays = ("local", "cluster", "client") if client else ("local", "cluster")
        executors = ("thread", "process", *rays)
        few = max(3, rounds // 10)
        await beside({"bare": bare_many} | {it: many(it) for it in executors}, 2)
        ones = await beside({"bare": bare_one} | {it: one(it) for it in executors}, rounds)
        manys = await beside({"bare": bare_many} | {it: many(it) for it in executors}, few)
        return [
            Figure("a small call, bare Ray", ones["bare"] * 1000, "ms"),
            *(Figure(f"… {it}", ones[it] * 1000, "ms") for it in executors),
            *(Figure(f"… {it}, of bare Ray", ones[it] / ones["bare"], "x") for it in rays),
            Figure(f"calls/s, {MANY} at once, bare Ray", MANY / manys["bare"]),
            *(Figure(f"… {it}", MANY / manys[it]) for it in executors),
            *(Figure(f"… {it}, of bare Ray", manys["bare"] / manys[it], "x") for it in rays),
            *await bodies(main, executors, few),
        ]


async def bodies(main: TestWindow, executors: tuple[str, ...], rounds: int) -> list[Figure]:
    """Bodies of bytes, there and back."""
    found = list[Figure]()
    for name, size in SIZES.items():
        body = b"x" * size

        def echoed(executor: str, body: bytes) -> Turn:
            return lambda: main.invoke(f"echo_{executor}", body)

        times = await beside({it: echoed(it, body) for it in executors}, rounds)
        found += [
            Figure(f"{name} there and back, {it}", times[it] * 1000, "ms") for it in executors
        ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--client", action="store_true", help="by Ray's client, too")
    options = parser.parse_args()
    rounds = 20 if options.quick else 200
    os.environ.update(token(), RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0")
    nodes = Nodes()
    try:
        for figure in asyncio.run(measure(nodes, rounds, client=options.client)):
            print(figure.line())
    finally:
        nodes.kill()


if __name__ == "__main__":
    main()
