"""Measures calls from real windows: native Tauri commands, ours, and PyTauri's, in one run.

    scripts/headless.sh .venv/bin/python benches/run.py [--quick] [--only CASE…] [--no-peer]

See `README.md` for what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "e2e"))

from cases import CASES, Case
from harness import environment, start, write_app
from parties import Party, parties
from report import Sample, about, write

HERE = Path(__file__).parent
ROOT = HERE.parent
MEASURE = (HERE / "measure.js").read_text()


def measure(party: Party, cases: list[Case], rounds: int, home: Path) -> list[Sample]:
    """Starts the party's app once and takes it through the cases it can do."""
    script = write_app(
        home / "app",
        (HERE / "apps" / party.app / "app.py").read_text(),
        config={"identifier": f"dev.transom.bench.{party.app}"},
        capabilities={
            "default": {
                "identifier": "default",
                "windows": ["*"],
                "permissions": ["core:default", f"{party.app}:default"],
            }
        },
    )
    env = environment(home, party.env)
    app = start(script, home / "output.log", env, str(party.python))
    try:
        page = app.page("main")
        samples: list[Sample] = []
        for case in cases:
            if case.only in {None, party.app}:
                times = page.run(MEASURE, case.plan(rounds))
                samples += [Sample(case.name, party.name, *item) for item in times.items()]
        return samples
    except BaseException:
        print(app.output()[-4000:], file=sys.stderr)
        raise
    finally:
        app.driver.close()


def main() -> None:
    """Starts every party's app in turn, some times over, and reports."""
    parser = argparse.ArgumentParser(description="Measures calls: native, ours, PyTauri's.")
    parser.add_argument("--quick", action="store_true", help="one start per app, five rounds")
    parser.add_argument("--no-peer", action="store_true", help="leave PyTauri out")
    parser.add_argument("--only", nargs="+", metavar="CASE", choices=[c.name for c in CASES])
    options = parser.parse_args()
    starts, rounds = (1, 5) if options.quick else (3, 16)
    cases = [case for case in CASES if not options.only or case.name in options.only]
    able = parties(with_peer=not options.no_peer)

    collected: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="transom-bench-") as scratch:
        for turn in range(starts):
            for party in able:
                print(f"start {turn + 1} of {starts}: {party.name}", file=sys.stderr, flush=True)
                home = Path(scratch) / f"{turn}-{party.name.replace(' ', '-')}"
                for sample in measure(party, cases, rounds, home):
                    collected[sample.case, sample.party, sample.action] += sample.times

    samples = [Sample(*key, times) for key, times in collected.items()]
    facts = about(starts, rounds, [party.name for party in able])
    folder = ROOT / "target" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    report = write(cases, able, samples, facts)
    (folder / "report.json").write_text(json.dumps(report.data, indent=1))
    print(report.text)


if __name__ == "__main__":
    main()
