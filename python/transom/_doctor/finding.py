"""Defines what a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It may be meant."""
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the list."""

    check: str
    """What was looked at, such as `python`."""
    level: Level
    text: str
    remedy: str = ""
    """What to do about it."""
    is_fixable: bool = False
    """Whether `--fix` does that."""


def ok(check: str, text: str) -> Finding:
    return Finding(check, Level.OK, text)


def warning(check: str, text: str, remedy: str = "") -> Finding:
    return Finding(check, Level.WARNING, text, remedy)


def problem(check: str, text: str, remedy: str, *, is_fixable: bool = False) -> Finding:
    return Finding(check, Level.PROBLEM, text, remedy, is_fixable)
