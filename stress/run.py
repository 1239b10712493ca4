"""Puts real windows under stress and prints figures: `make stress`.

    scripts/headless.sh .venv/bin/python stress/run.py [--quick] [SCENARIO…]

Exit code 1: a promise is broken. `--quick` does a few per cent of the work, in seconds. The whole
takes about half an hour. Linux only, as the end-to-end tests are.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from scenarios import SCENARIOS


def main() -> int:
    """Runs the chosen scenarios, one after another."""
    parser = argparse.ArgumentParser(description="Puts real windows under stress.")
    parser.add_argument("--quick", action="store_true", help="a few per cent of the work")
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=", ".join(names))
    options = parser.parse_args()
    if unknown := set(options.scenario) - set(names):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; there are {names}")

    # A shell has what it runs in the background ignore Ctrl-C, and so would the apps.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    broken = 0
    for scenario in SCENARIOS:
        if options.scenario and scenario.name not in options.scenario:
            continue
        count = scenario.few if options.quick else scenario.all
        print(f"\n━━ {scenario.name} ━━  {scenario.about.format(count=f'{count:,}')}", flush=True)
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="transom-stress-") as scratch:
            figures = scenario.run(Path(scratch), count)
        for figure in figures:
            print(figure.line())
        print(f"    {time.monotonic() - begin:.1f} s", flush=True)
        broken += sum(not figure.kept for figure in figures)
    print(f"\n{broken} promises broken" if broken else "\nall promises kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
