"""Defines the measured figures of the stress tests, and the limits that they must keep."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Figure:
    """One number; `most` and `least` are the promise, where there is one."""

    name: str
    value: float | None
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promise is kept. A value that never came keeps none."""
        if self.most is None and self.least is None:
            return True
        if self.value is None:
            return False
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    def line(self) -> str:
        """As it is printed."""
        mark = " " if self.most is None and self.least is None else "✓" if self.kept else "✗"
        value = "never" if self.value is None else _number(self.value)
        return f"  {mark} {self.name:<58} {value:>12} {self.unit:<6} {self._promise()}".rstrip()

    def _promise(self) -> str:
        if self.most is not None and self.most == self.least:
            return f"= {_number(self.most)}"
        parts = [
            f"≥ {_number(self.least)}" if self.least is not None else "",
            f"≤ {_number(self.most)}" if self.most is not None else "",
        ]
        return " ".join(filter(None, parts))


def exactly(name: str, value: float | None, expected: float) -> Figure:
    """A figure that must be `expected`."""
    return Figure(name, value, most=expected, least=expected)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
