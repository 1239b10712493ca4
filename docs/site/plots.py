"""Draws the tables of the page of benchmarks as plots, under each table.

The figures are those of the table: nothing is kept beside it. A plot is SVG in the page, and takes
its colours from the site's light or dark scheme.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

PAGE = "docs/internals/benchmarks.md"
Rows = list[list[str]]
#: As wide as a phone, so that the text can be read there.
WIDTH, BAR, GAP, LEFT, RIGHT = 440, 14, 10, 100, 58


@dataclass(frozen=True)
class Bars:
    """Groups of horizontal bars: one group for each row of a table, one bar for each series."""

    caption: str
    unit: str
    groups: Sequence[str]
    series: Sequence[str]
    #: For each group, a value for each series.
    values: Sequence[Sequence[float]]
    #: Whether a length stands for the logarithm.
    logarithmic: bool = False

    def svg(self) -> str:
        """The plot, without an empty line: Markdown would end it there."""
        top = 26 if len(self.series) > 1 else 4
        group = BAR * len(self.series) + GAP
        height = top + group * len(self.groups)
        parts = [*self._legend()]
        for row, (name, values) in enumerate(zip(self.groups, self.values, strict=True)):
            y = top + row * group
            middle = y + BAR * len(self.series) / 2
            parts.append(_text(LEFT - 8, middle, name, "end"))
            for number, value in enumerate(values):
                at, length = y + number * BAR, self._length(value)
                parts.append(
                    f'<rect class="plot-{number + 1}" x="{LEFT}" y="{at + 1:g}" '
                    f'width="{length:.1f}" height="{BAR - 2}" rx="2"/>'
                )
                label = f"{value:g} {self.unit}"
                parts.append(_text(LEFT + length + 6, at + BAR / 2, label, "start"))
        scale = " The scale is logarithmic." if self.logarithmic else ""
        label = escape(self.caption, quote=True)
        return (
            f'<figure class="plot"><svg viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{label}">{"".join(parts)}</svg>'
            f"<figcaption>{escape(self.caption)}{scale}</figcaption></figure>"
        )

    def _length(self, value: float) -> float:
        every = [it for values in self.values for it in values]
        largest, room = max(every), WIDTH - LEFT - RIGHT
        if not self.logarithmic:
            return room * value / largest
        # Half a decade below the smallest, which would have no length else.
        begin = math.log10(min(every)) - 0.5
        return room * (math.log10(value) - begin) / (math.log10(largest) - begin)

    def _legend(self) -> list[str]:
        if len(self.series) == 1:
            return []
        step = WIDTH / len(self.series)
        return [
            f'<rect class="plot-{number + 1}" x="{number * step:.0f}" y="4" width="12" '
            f'height="12" rx="2"/>{_text(number * step + 16, 10, name, "start")}'
            for number, name in enumerate(self.series)
        ]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="central"'
    return f"<text {place}>{escape(text)}</text>"


def _number(cell: str) -> float:
    found = re.search(r"\d[\d,.]*", cell)
    if found is None:
        raise ValueError(f"{PAGE}: {cell!r} has no figure to draw")
    return float(found[0].replace(",", ""))


def _switch_interval(rows: Rows) -> list[Bars]:
    return [
        Bars(
            "How long a call takes, by the switch interval.",
            "ms",
            [row[0].strip("*") for row in rows],
            ["nothing else runs", "one thread computes", "two threads compute"],
            [[_number(cell) for cell in row[1:4]] for row in rows],
        )
    ]


def _large_bodies(rows: Rows) -> list[Bars]:
    kinds = ["A body as `memoryview`", "A body as `bytes`", "A result"]
    return [
        Bars(
            f"{kind.replace('`', '')}: the smallest of 15, by its size.",
            "ms",
            [f"{row[0]} MiB" for row in rows],
            ["through the socket", "in shared memory"],
            [[_number(part) for part in row[column].split("/")] for row in rows],
            logarithmic=True,
        )
        for column, kind in enumerate(kinds, start=1)
    ]


def _libraries(rows: Rows) -> list[Bars]:
    return [
        Bars(
            "The longest time from a cancel to the end of the work.",
            "s",
            [row[0] for row in rows],
            ["longest"],
            [[_number(row[5])] for row in rows],
        )
    ]


PLOTS: dict[str, Callable[[Rows], list[Bars]]] = {
    "The switch interval": _switch_interval,
    "Large bodies": _large_bodies,
    "Libraries that are cancelled": _libraries,
}


def drawn(page: str) -> str:
    """The page with a plot under each table that is drawn.

    Raises:
        ValueError: A heading or its table is gone, or has a cell without a figure.
    """
    for heading, plots in PLOTS.items():
        found = re.search(rf"^## {heading}\n(?:(?!## ).*\n)*?((?:\|.*\n)+)", page, re.MULTILINE)
        if found is None:
            raise ValueError(f"{PAGE}: there is no table under “{heading}” to draw")
        rows = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in found[1].splitlines()[2:]
        ]
        svg = "\n".join(bars.svg() for bars in plots(rows))
        page = f"{page[: found.end()]}\n{svg}\n{page[found.end() :]}"
    return page
