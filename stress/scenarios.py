"""Defines the stress scenarios, each with the limits that its figures must keep."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import launch
from figures import KIB, MIB, Figure, exactly
from swaps import swaps

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "scripts"))

from suites import rust_env  # noqa: E402 - of the scripts


@dataclass(frozen=True)
class Scenario:
    """`all` and `few` say how much: in full, and with `--quick`."""

    name: str
    about: str
    all: int
    few: int
    run: Callable[[Path, int], Sequence[Figure]]


def flood(home: Path, calls: int) -> list[Figure]:
    """See its row below, as for the others."""
    script = launch.folder(home, "flood", index="flood.js")
    # Of a few cancels the slowest is no percentile.
    full = calls >= 50_000
    plan = {"calls": calls, "holds": 100, "limit": 256, "further": 10 if full else 0, "of": 10_000}
    it = launch.figures(script, plan, 60 + calls / 50)
    return [
        Figure("calls per second", calls / it["seconds"]),
        exactly("promises settled, each with its own value", it["values"], it["calls"]),
        exactly("promises rejected, or with another's value", it["wrong"], 0),
        Figure("running + queued, most seen", it["most"], most=it["limit"]),
        Figure("looks at it", it["looks"]),
        Figure("growth of the host's memory", it["growth"] / MIB, "MiB", most=64),
        Figure("cancels meanwhile", it["cancels"], least=50),
        exactly("cancels that reached nobody", it["missed"], 0),
        Figure("from the page's abort to Python's `finally`, median", it["p50"], "ms"),
        Figure("… p99", it["p99"], "ms", most=50.0 if full else None),
        Figure("… p99, without the UI thread's waits for a processor", it["served"], "ms"),
        Figure("then all gauges are zero within", it["idle"], "s", most=1),
    ]


def windows(home: Path, cycles: int) -> list[Figure]:
    """Windows."""
    script = launch.folder(home, "windows", window="window.js")
    it = launch.figures(script, {"cycles": cycles, "calls": 6}, 60 + cycles * 5)
    # In a short run threads that are about to end are in every look.
    most = 0.0 if cycles >= 100 else None
    return [
        exactly("windows opened and closed", it["cycles"], cycles),
        exactly("windows whose calls never came", it["silent"], 0),
        Figure("closings in which orphans were seen", it["orphans_seen"], least=cycles * 0.5),
        exactly("closings after which a gauge was not zero within 1 s", it["late"], 0),
        Figure("slowest to zero", it["slowest"], "s", most=1),
        *_memory(it["slope"], it["growth"], cycles),
        Figure("more threads after warming up", it["threads"], most=most),
        Figure("more open descriptors after warming up", it["descriptors"], most=most),
        Figure("… beside those, one of each, that WebKit forgot", it["forgotten"]),
        exactly("windows left in the gauges, beside the first", len(it["left"]["windows"]), 1),
    ]


def reloads(home: Path, cycles: int) -> list[Figure]:
    """Reloads."""
    script = launch.folder(home, "reloads", index="reloads.js")
    it = launch.figures(script, {"cycles": cycles}, 60 + cycles * 3)
    return [
        exactly("reloads", it["cycles"], cycles),
        exactly("reloads whose calls had not ended within 1 s", it["late"], 0),
        Figure("slowest end of the old calls", it["slowest"], "s", most=1),
        *_memory(it["slope"], it["growth"], cycles),
        Figure("then all gauges are zero within", it["idle"], "s", most=1),
    ]


def _memory(slope: float, growth: float, cycles: int) -> list[Figure]:
    # In a short run the first windows' caches are all of the slope.
    bound = 2.0 if cycles >= 500 else None
    return [
        Figure("slope of the host's memory", slope / KIB, "KiB", most=bound),
        Figure("growth of the host's memory after warming up", growth / MIB, "MiB"),
    ]


def menus(home: Path, cycles: int) -> list[Figure]:
    """Menus and tray icons."""
    it = launch.figures(launch.folder(home, "menus"), {"cycles": cycles}, 60 + cycles)
    # In a short run the connection to the bus is among them.
    most = 0.0 if cycles >= 500 else None
    return [
        exactly("menus and tray icons made and dropped", it["cycles"], cycles),
        exactly("handlers left", it["handlers"], 0),
        *_memory(it["slope"], it["growth"], cycles),
        Figure("more open descriptors after warming up", it["descriptors"], most=most),
    ]


def pauses(home: Path, rounds: int) -> list[Figure]:
    """Bursts of calls, and a long call in each pause between them."""
    script = launch.folder(home, "pauses", index="pauses.js")
    burst = 1_000
    it = launch.figures(script, {"rounds": rounds, "pause": 14, "burst": burst}, 60 + rounds * 40)
    return [
        exactly("pauses of which the app came back", it["rounds"], rounds),
        exactly("calls of the bursts with the right answer", it["right"], rounds * burst),
        exactly("long calls with the right answer", it["late"], rounds),
    ]


def races(home: Path, count: int) -> list[Figure]:
    """Races, through a page."""
    script = launch.folder(home, "races", index="races.js")
    it = launch.figures(script, {"races": count, "together": 96}, 60 + count / 50)
    return [
        Figure("races per second", count / it["seconds"]),
        Figure("finished first", it["values"], least=count * 0.05),
        Figure("cancelled first", it["aborted"], least=count * 0.05),
        exactly("settled in another way", it["other"], 0),
        exactly("settled twice", it["twice"], 0),
        exactly("calls that began and did not end", it["unfinished"], 0),
        exactly("of a command with four permits, at once", it["four"], 4),
        exactly("permits still out", it["permits_out"], 0),
        exactly("panics contained", it["panics"], 0),
        exactly("internal errors", it["internal"], 0),
        Figure("then all gauges are zero within", it["idle"], "s", most=1),
    ]


def host_races(_: Path, count: int) -> list[Figure]:
    """Races in the host alone, on threads, both ways of messages."""
    done = subprocess.run(
        ["cargo", "test", "--lib", "--all-features", "--locked", "races", "--", "--nocapture"],
        cwd=ROOT,
        env=_rust_env(count),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout)
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("RACES ")]
    return [
        exactly("exit code of the test", done.returncode, 0),
        *(Figure(f"finished first, {way}", int(won), least=1) for _, way, won, _ in told),
        *(Figure(f"cancelled first, {way}", int(lost), least=1) for _, way, _, lost in told),
        exactly("ways of messages", len(told), 2),
    ]


def _rust_env(count: int) -> dict[str, str]:
    return {**os.environ, **rust_env(), "TRANSOM_RACES": str(count)}


WAYS = {"exit": 7, "close": 0, "SIGTERM": 143, "SIGINT": 130}
TRACES = ("Traceback", "panicked", "Fatal Python error", "core dumped")


def exits(home: Path, count: int) -> list[Figure]:
    """Exits under load."""
    dice = random.Random(count)
    script = launch.folder(home, "exits", index="exits.js")
    clean, seconds, children = 0, [], 0
    for turn in range(count):
        way = list(WAYS)[turn % len(WAYS)]
        ended = launch.run(script, {"way": way, "after": dice.random() * 0.3}, 40)
        problems = [trace for trace in TRACES if trace in ended.output]
        if ended.code != WAYS[way]:
            problems.append(f"exit code {ended.code} instead of {WAYS[way]}")
        if f"LEFT {WAYS[way]}" not in ended.output:
            problems.append("Python's clean-up did not run")
        if ended.children:
            problems.append(f"{ended.children} processes left")
        if problems:
            print(f"  turn {turn}, {way}: {', '.join(problems)}\n{ended.output[-3000:]}")
        clean += not problems
        children += ended.children
        seconds.append(ended.seconds)
    return [
        exactly("clean exits", clean, count),
        exactly("child processes left", children, 0),
        Figure("slowest run, from its start", max(seconds), "s"),
    ]


def kills(home: Path, seconds: int) -> list[Figure]:
    """Workers killed under load, one after another."""
    script = launch.folder(home, "kills", index="kills.js")
    it = launch.figures(script, {"seconds": seconds, "together": 6}, 60 + seconds * 2)
    left = sum(Path(f"/proc/{pid}").exists() for pid in it["there"])
    return [
        Figure("calls per second", it["values"] / seconds),
        Figure("workers killed", it["kills"], least=seconds * 2),
        Figure("… during a call, for certain", it["busy"], least=seconds * 0.5),
        Figure("calls lost while they ran", it["lost"], "", it["busy"] + it["unsure"], it["busy"]),
        Figure("calls lost in all", it["lost"] + it["unstarted"], most=it["kills"]),
        exactly("calls that ended in another way", it["other"], 0),
        exactly("zombies, 2 s after the kill", it["zombies"], 0),
        Figure("the last killed are gone within", it["gone"], "s", most=1),
        Figure("more open files in the second half", it["growth"], most=8),
        exactly("workers left after the end of the app", left, 0),
        exactly("panics contained", it["panics"], 0),
        exactly("internal errors", it["internal"], 0),
        Figure("then all gauges are zero within", it["idle"], "s", most=1),
    ]


def deaths(home: Path, deadly: int) -> list[Figure]:
    """Quarantine and unavailability, with what pools do by default."""
    script = launch.folder(home, "deaths", index="deaths.js")
    it = launch.figures(script, {}, 120)
    return [
        exactly("calls until a deadly command is quarantined", it["deaths"], deadly),
        exactly("it is `quarantined` then", it["quarantined"] == "quarantined", True),
        exactly("another command of the pool runs", it["others"] == "alive", True),
        exactly("calls until a pool that cannot start is given up", it["starts"], 6),
        exactly("it is `unavailable` then", it["unavailable"] == "unavailable", True),
        exactly("both stay so", it["still"] == ["quarantined", "unavailable"], True),
        exactly("good ends of 6 calls, 30 s later", it["recovered"].count("alive"), 6),
    ]


def cancels(home: Path, count: int) -> list[Figure]:
    """Cancels at the end of jobs in workers."""
    script = launch.folder(home, "cancels", index="cancels.js")
    it = launch.figures(script, {"cancels": count}, 60 + count / 20)
    return [
        Figure("cancels per second", count / it["seconds"]),
        Figure("finished first", it["values"], least=count * 0.05),
        Figure("cancelled first", it["aborted"], least=count * 0.05),
        exactly("settled in another way", it["other"], 0),
        Figure("jobs that do not hear, and were killed", it["killed"], most=it["deaf"]),
        exactly("workers killed, beside those of such jobs", it["kills"] - it["killed"], 0),
        Figure("calls that nobody cancelled, meanwhile", it["innocents"], least=count * 0.1),
        exactly("… that did not end well", it["hurt"], 0),
        exactly("workers lost", it["lost_in_all"], 0),
        exactly("panics contained", it["panics"], 0),
        exactly("internal errors", it["internal"], 0),
        Figure("then all gauges are zero within", it["idle"], "s", most=1),
    ]


def cluster(_home: Path, calls: int) -> list[Figure]:
    """Not in a window, and with a Python that has Ray."""
    python = ROOT / "target" / "cluster" / "venv" / "bin" / "python"
    if not python.exists():
        print("    left out: `scripts/cluster.sh` makes the environment with Ray")
        return []
    script = [python, Path(__file__).with_name("cluster.py"), str(calls)]
    done = subprocess.run(script, stdout=subprocess.PIPE, check=True, text=True)
    it = json.loads(done.stdout.splitlines()[-1])
    lost = it.get("worker-lost", 0)
    return [
        exactly("calls settled", it["settled"], calls),
        exactly("calls that ran twice", it.get("twice", 0), 0),
        Figure("lost with the node that was killed", lost, least=1),
        Figure("… before they had begun", it["lost before they ran"]),
        exactly("lost that ran elsewhere", it["lost elsewhere"], 0),
        exactly("cut off there and not lost", it["cut off and not lost"], 0),
        exactly("settled in another way", it["settled"] - it["ok"] - lost, 0),
        exactly("answered without having run", it["unheard of"], 0),
        Figure("cancels of 100 calls at once released after", it["released"], "s", most=31),
        Figure("items ahead of a slow page, with a credit of 4", it["ahead"], most=5),
    ]


SCENARIOS = [
    Scenario("flood", "{count} calls in a loop from one page", 100_000, 3_000, flood),
    Scenario("races", "{count} cancels that race with the end", 100_000, 3_000, races),
    Scenario("host-races", "{count} of them in the host alone", 100_000, 3_000, host_races),
    Scenario("reloads", "{count} reloads with calls in flight", 1_000, 30, reloads),
    Scenario("windows", "{count} windows open and close with calls in flight", 1_000, 20, windows),
    Scenario("pauses", "{count} pauses of 14 s between bursts of calls", 12, 1, pauses),
    Scenario("menus", "{count} menus and tray icons made and dropped", 1_000, 100, menus),
    Scenario("exits", "{count} exits under load", 200, 20, exits),
    Scenario("kills", "a worker killed every 200 ms for {count} s under load", 300, 10, kills),
    Scenario("deaths", "{count} deaths make a command rest, six a pool; 30 s later", 3, 3, deaths),
    Scenario("cancels", "{count} cancels at the end of jobs in workers", 10_000, 300, cancels),
    Scenario("swaps", "{count} swaps of an app's code under `transom dev`", 500, 10, swaps),
    Scenario("cluster", "{count} calls of Ray, and a node that is killed", 1_000, 100, cluster),
]
