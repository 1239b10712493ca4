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
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "e2e" / "support"))
sys.path.append(str(Path(__file__).parents[1] / "stress"))

from cases import CASES, Case
from harness import Page, environment, start, write_app
from parties import Party, parties
from report import Sample, about, write

import workers

HERE = Path(__file__).parent
ROOT = HERE.parent
MEASURE = (HERE / "measure.js").read_text()
WORKERS = (HERE / "workers.js").read_text()


@contextmanager
def window(party: Party, app_name: str, home: Path) -> Generator[Page]:
    """Starts an app of `apps/` in a folder of its own, and gives its page."""
    script = write_app(
        home / "app",
        (HERE / "apps" / app_name / "app.py").read_text(),
        config={"identifier": f"dev.transom.bench.{app_name}"},
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
        yield app.page("main")
    except BaseException:
        print(app.output()[-4000:], file=sys.stderr)
        raise
    finally:
        app.driver.close()


def measure(party: Party, cases: list[Case], rounds: int, home: Path) -> list[Sample]:
    """Starts the party's app once and takes it through the cases it can do."""
    with window(party, party.app, home) as page:
        samples: list[Sample] = []
        for case in cases:
            if case.only in {None, party.app}:
                times = page.run(MEASURE, case.plan(rounds))
                samples += [Sample(case.name, party.name, *item) for item in times.items()]
        return samples


def measure_workers(able: list[Party], home: Path, *, quick: bool) -> list[workers.Measured]:
    """Takes an app with worker processes, and the peer's, through what they can do."""
    found: list[workers.Measured] = []
    firsts = {party.app: party for party in reversed(able)}.values()
    ours, *others = sorted(firsts, key=able.index)
    for party in (ours, *others):
        app = "workers" if party is ours else party.app
        with window(party, app, home / party.app) as page:
            for it in workers.MEASUREMENTS:
                if party is ours or it.peer:
                    print(f"workers: {it.name}, {party.name}", file=sys.stderr, flush=True)
                    plan = it.plan | {"rounds": it.few if quick else it.rounds}
                    found.append(workers.Measured(it, party, page.run(WORKERS, plan)))
    return found


def main() -> None:
    """Starts every party's app in turn, some times over, and reports."""
    parser = argparse.ArgumentParser(description="Measures calls: native, ours, PyTauri's.")
    parser.add_argument("--quick", action="store_true", help="one start per app, five rounds")
    parser.add_argument("--no-peer", action="store_true", help="leave PyTauri out")
    names = [*(case.name for case in CASES), "workers"]
    parser.add_argument("--only", nargs="+", metavar="CASE", choices=names)
    options = parser.parse_args()
    starts, rounds = (1, 5) if options.quick else (3, 16)
    only = options.only or names
    cases = [case for case in CASES if case.name in only]
    able = parties(with_peer=not options.no_peer)

    collected: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="transom-bench-") as scratch:
        for turn in range(starts if cases else 0):
            for party in able:
                print(f"start {turn + 1} of {starts}: {party.name}", file=sys.stderr, flush=True)
                home = Path(scratch) / f"{turn}-{party.name.replace(' ', '-')}"
                for sample in measure(party, cases, rounds, home):
                    collected[sample.case, sample.party, sample.action] += sample.times
        home = Path(scratch) / "workers"
        measured = measure_workers(able, home, quick=options.quick) if "workers" in only else []

    samples = [Sample(*key, times) for key, times in collected.items()]
    facts = about(starts, rounds, [party.name for party in able])
    folder = ROOT / "target" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    report = write(cases, able, samples, facts)
    text, rows = workers.write(measured) if measured else ("", [])
    data = report.data | {"workers": rows}
    (folder / "report.json").write_text(json.dumps(data, indent=1))
    print(report.text, text, sep="\n")


if __name__ == "__main__":
    main()
