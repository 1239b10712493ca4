"""Measures what the interpreter's switch interval costs calls, and commands that compute.

    scripts/headless.sh .venv/bin/python benches/switch_interval.py [--rounds N]

A page calls a small `async def` command again and again, in a real window, while none, one or two
plain commands compute in threads. The intervals take turns; the middle over all rounds is shown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1] / "tests" / "e2e" / "support"))

from harness import Page, environment, start, write_app

INTERVALS = [5.0, 2.0, 1.0, 0.5, 0.2, 0.1]
"""Milliseconds."""
CALLS = 60

APP = '''
import sys
import time
from pathlib import Path
import transom
from transom import Commands

commands = Commands()

@commands.command()
async def ping(body: int) -> int:
    return body

@commands.command()
async def interval(body: float) -> None:
    # One per mille beside a round number: an interval of CPython's own would be tuned.
    sys.setswitchinterval(body * 1.001)

@commands.command()
def compute() -> float:
    """Turns per millisecond of a loop, over a second."""
    turns, begin = 0, time.monotonic()
    while time.monotonic() - begin < 1.0:
        for _ in range(1000):
            turns += 1
    return turns / 1000

if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
'''

ROUND = """
const [ms, threads, calls] = args;
await transom.pyInvoke("interval", ms / 1000);
const computing = Array.from({length: threads}, () => transom.pyInvoke("compute"));
let open = threads > 0;
Promise.all(computing).then(() => { open = false; });
const begin = performance.now();
let pings = 0;
while (threads ? open : pings < calls) { await transom.pyInvoke("ping", pings); pings += 1; }
const took = performance.now() - begin;
const turns = (await Promise.all(computing)).reduce((a, b) => a + b, 0);
const alone = threads ? await transom.pyInvoke("compute") : 0;
return [took / pings, turns, alone];
"""


def rounds(page: Page, count: int) -> dict[tuple[float, int], list[list[float]]]:
    found: dict[tuple[float, int], list[list[float]]] = {}
    page.run(ROUND, 5.0, 0, CALLS)
    for _ in range(count):
        for ms in INTERVALS:
            for threads in (0, 1, 2):
                found.setdefault((ms, threads), []).append(page.run(ROUND, ms, threads, CALLS))
    return found


def main() -> None:
    """Starts the app and prints the table."""
    parser = argparse.ArgumentParser(description="Measures switch intervals.")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="transom-switch-") as scratch:
        home = Path(scratch)
        script = write_app(home / "app", APP)
        app = start(script, home / "output.log", environment(home), sys.executable)
        try:
            found = rounds(app.page("main"), options.rounds)
        finally:
            app.driver.close()
    print("| interval | a call, idle | beside one | beside two | one computes, without calls |")
    print("| --- | --- | --- | --- | --- |")
    for ms in INTERVALS:
        idle, one, two = ([r[0] for r in found[ms, threads]] for threads in (0, 1, 2))
        turns = [r[2] for r in found[ms, 1]]
        beside = [r[1] for r in found[ms, 1]]
        print(
            f"| {ms} ms | {median(idle):.2f} ms | {median(one):.2f} ms | {median(two):.2f} ms | "
            f"{median(turns):.0f} turns/ms; {median(beside):.0f} beside calls |"
        )


if __name__ == "__main__":
    main()
