"""Writes the results of the benchmark as a table and as a file."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import fmean, median, quantiles
from typing import Any, NamedTuple, TypeAlias

from cases import Case
from parties import Party

Key: TypeAlias = tuple[str, str, str]
"""Case, party, action."""


class Sample(NamedTuple):
    """Milliseconds per call of one action in one party's pages: the mean of each batch."""

    case: str
    party: str
    action: str
    times: list[float]


class Spread(NamedTuple):
    """A middle and the two quartiles around it."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The quartiles of two values or more."""
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(low, median(values), high)

    def __str__(self) -> str:
        return f"{self.middle:6.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class Report:
    """The same twice: for people and for programs."""

    text: str
    data: dict[str, Any]


def about(starts: int, rounds: int, able: Sequence[str]) -> dict[str, Any]:
    """What a reader must know beside the numbers."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "transom": version("transom"),
        "parties": list(able),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "starts": starts,
        "rounds": rounds,
    }


def write(
    cases: Sequence[Case], able: Sequence[Party], samples: Sequence[Sample], facts: dict[str, Any]
) -> Report:
    """The table of all cases. A ratio compares batches of the same round in the same page."""
    times = {(s.case, s.party, s.action): s.times for s in samples}
    lines = [", ".join(f"{key} {value}" for key, value in facts.items() if key != "parties")]
    rows: list[dict[str, Any]] = []
    for case in cases:
        lines += ["", f"{case.name}: {case.title}", HEAD]
        for party in able:
            yardstick = times.get((case.name, party.name, case.native[0])) if case.native else None
            for action in (*case.native, case.python):
                if (own := times.get((case.name, party.name, action))) is None:
                    continue
                base = None if yardstick is own else yardstick
                row = row_of(case, party.name, action, own, base)
                rows.append(row)
                lines.append(line_of(row, native=action in case.native))
        if case.native:
            lines.append(agreement(case, able, times))
    return Report("\n".join(lines), {"about": facts, "rows": rows})


def agreement(case: Case, able: Sequence[Party], times: Mapping[Key, list[float]]) -> str:
    """The same native command in everybody's page: far apart, the run says little."""
    middles = [median(times[case.name, party.name, case.native[0]]) for party in able]
    return f"  pages differ in native {case.native[0]} by {max(middles) / min(middles):.2f} x"


HEAD = (
    f"  {'':<20}{'command':<18}{'ms per call (quartiles)':<26}{'mean':>7}{'calls/s':>10}"
    f"  {'x native (quartiles)':<26}{'of means':>8}"
)


def row_of(
    case: Case,
    party: str,
    action: str,
    own: list[float],
    base: list[float] | None,
) -> dict[str, Any]:
    """What the file says about one action; `base` is the yardstick's times, round by round."""
    ratios = [mine / native for mine, native in zip(own, base, strict=True)] if base else []
    return {
        "case": case.name,
        "party": party,
        "action": action,
        "ms": Spread.of(own),
        "mean_ms": fmean(own),
        "calls_per_second": 1000 / median(own),
        "ratio": Spread.of(ratios) if ratios else None,
        "ratio_of_means": fmean(own) / fmean(base) if base else None,
        "batches": own,
    }


def line_of(row: dict[str, Any], *, native: bool) -> str:
    """One line of the table."""
    ratio = f"{row['ratio']!s:<26}{row['ratio_of_means']:8.2f}" if row["ratio"] else ""
    name = f"native {row['action']}" if native else row["action"]
    return (
        f"  {row['party']:<20}{name:<18}{row['ms']!s:<26}{row['mean_ms']:7.2f}"
        f"{row['calls_per_second']:10.0f}  {ratio}"
    ).rstrip()
