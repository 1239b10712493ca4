"""Measures the cost of worker processes and how well they isolate calls, with limits to keep."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from figures import Figure
from parties import Party

Times = dict[str, list[float]]

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@dataclass(frozen=True)
class Measurement:
    """One call of `workers.js`."""

    name: str
    title: str
    plan: dict[str, Any]
    rounds: int
    few: int
    """Rounds of a quick run."""
    figures: Callable[[str, Times], list[Figure]]
    peer: bool = False
    """Whether the peer's app can do it too, as a yardstick."""


def beside(most: float | None) -> Callable[[str, Times], list[Figure]]:
    """The mean of calls beside a load, in means of idle ones."""

    def figures(what: str, times: Times) -> list[Figure]:
        idle, loaded = fmean(times["idle"]), fmean(times["loaded"])
        return [
            Figure(what, loaded / idle, "x", most=most),
            Figure("… beside it", loaded, "ms"),
            Figure("… idle", idle, "ms"),
        ]

    return figures


def together(least: float | None) -> Callable[[str, Times], list[Figure]]:
    """How much faster calls are at once."""

    def figures(what: str, times: Times) -> list[Figure]:
        after, at_once = median(times["after"]), median(times["together"])
        return [
            Figure(what, after / at_once, "x", least=least),
            Figure("… one after another", after, "ms"),
            Figure("… at once", at_once, "ms"),
        ]

    return figures


def killed(what: str, times: Times) -> list[Figure]:
    """What follows the kill of a worker."""
    return [
        Figure(f"{what}: its call is rejected after", median(times["settled"]), "ms", most=10),
        Figure("… at the latest", max(times["settled"]), "ms"),
        Figure("… a waiting call runs in the spare after", median(times["taken"]), "ms", most=50),
        Figure("… there is another spare after", median(times["full"]), "ms", most=50),
        Figure("… at the latest", max(times["full"]), "ms"),
    ]


SMALL = {"command": "greet_in_worker", "batch": 100}
IN_PROCESS = {"command": "greet", "batch": 100}

MEASUREMENTS = [
    Measurement(
        "spinner",
        "small call to a worker beside a host's spinning thread",
        SMALL | {"name": "spinner"},
        rounds=12,
        few=4,
        figures=beside(1.2),
    ),
    Measurement(
        "spinner-in-process",
        "the same to the host",
        IN_PROCESS | {"name": "spinner", "batch": 20},
        rounds=6,
        few=2,
        figures=beside(None),
        peer=True,
    ),
    Measurement(
        "together",
        "four computing calls on two workers: speed-up",
        {"name": "together", "command": "compute"},
        rounds=8,
        few=3,
        figures=together(1.8),
    ),
    Measurement(
        "threads",
        "four computing calls in two threads of the host: speed-up",
        {"name": "together", "command": "compute_in_thread"},
        rounds=8,
        few=3,
        figures=together(1.8 if FREE_THREADED else None),
    ),
    Measurement(
        "workers",
        "small call to the host while two workers compute",
        IN_PROCESS | {"name": "workers"},
        rounds=12,
        few=4,
        figures=beside(3.0),
    ),
    Measurement("kill", "killed worker", {"name": "kill"}, rounds=20, few=6, figures=killed),
]


@dataclass(frozen=True)
class Measured:
    """The times of one party in one measurement, in milliseconds."""

    measurement: Measurement
    party: Party
    times: Times


def write(measured: Sequence[Measured]) -> tuple[str, list[dict[str, Any]]]:
    """The table, and the same for programs."""
    lines, rows = ["", "workers: worker processes; what is aimed at, on a machine at rest"], []
    for it in measured:
        who = f", {it.party.name}" if it.measurement.peer else ""
        figures = it.measurement.figures(it.measurement.title + who, it.times)
        lines += [figure.line() for figure in figures]
        rows.append(
            {
                "measurement": it.measurement.name,
                "party": it.party.name,
                "figures": [[figure.name, figure.value, figure.unit] for figure in figures],
                "ms": it.times,
            }
        )
    return "\n".join(lines), rows
