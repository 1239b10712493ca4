"""Measures what a body costs on its way to a worker and back, by the link and by shared memory.

    .venv/bin/python benches/bodies.py [--rounds N]

Two pools that differ in nothing else take turns, with calls from the test kit: no page, so that the
way between host and worker is not lost in the page's own. Each cell: through the link, and shared;
the smallest and the middle of all rounds, in milliseconds, less what a call without a body takes.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import anyio

from transom import Commands, ProcessPool
from transom._executors import process
from transom.testing import TestApp

SIZES = [256, 1024, 4096, 8192, 16384, 32768, 65536]
"""KiB."""

commands = Commands()


@commands.command(executor="process")
def nothing() -> None:
    pass


@commands.command(executor="process")
def view_in(body: memoryview) -> None:
    assert body[0] == body[-1]


@commands.command(executor="process")
def bytes_in(body: bytes) -> None:
    assert body[0] == body[-1]


RESULTS: dict[int, bytes] = {}


@commands.command(executor="process")
def out(body: int) -> bytes:
    if body not in RESULTS:
        RESULTS[body] = bytes(body)
    return RESULTS[body]


async def measure(rounds: int) -> dict[tuple[str, int, bool], list[float]]:
    """Milliseconds by command, KiB, and whether memory is shared."""
    found: dict[tuple[str, int, bool], list[float]] = {}
    ask = process.share_from
    pool = ProcessPool(workers=1, warm=0)
    async with TestApp(commands, executors={"process": pool}) as shared:
        process.share_from = lambda: None
        async with TestApp(commands, executors={"process": pool}) as through:
            process.share_from = ask
            ways = [(True, shared.window("main")), (False, through.window("main"))]
            for size in [0, *SIZES]:
                body = bytes(size * 1024)
                cases = [("nothing", ())]
                if size:
                    cases = [("view_in", (body,)), ("bytes_in", (body,)), ("out", (len(body),))]
                for _ in range(rounds):
                    for way, window in ways:
                        for name, arguments in cases:
                            begin = time.perf_counter()
                            await window.invoke(name, *arguments)
                            took = time.perf_counter() - begin
                            found.setdefault((name, size, way), []).append(took * 1000)
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Measures bodies to and from a worker.")
    parser.add_argument("--rounds", type=int, default=20)
    process.SHARE_FROM = 1
    found = anyio.run(measure, parser.parse_args().rounds)
    print("| KiB | body as `memoryview` | body as `bytes` | result |")
    print("| --- | --- | --- | --- |")
    for size in SIZES:
        cells = [str(size)]
        for name in ("view_in", "bytes_in", "out"):
            pair: list[str] = []
            for way in (False, True):
                times, base = found[name, size, way], min(found["nothing", 0, way])
                pair.append(f"{min(times) - base:.1f} ({median(times) - base:.1f})")
            cells.append(" / ".join(pair))
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
