"""Knows apps for PyTauri before 0.8: how they are told, and what 0.8 changed for them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

API = 8
"""Of PyTauri's 0.x, the one whose API Transom has."""

CHANGES = (
    (5, "`PathResolver` gives `pathlib.Path`, no longer `str`"),
    (5, "`invoke_handler` has to be given, `None` for no commands (written here)"),
    (6, "`build(BuilderArgs(…))` is `build(…)` (rewritten)"),
    (6, "`Position` and `Size` take one tuple: `Position.Physical((x, y))` (rewritten)"),
    (6, "`pytauri_plugin_notification` is a part of the package (rewritten)"),
    (7, "`check_signature` of `Commands` is gone"),
    (
        7,
        "`pyInvoke` gets an `ArrayBuffer` of a command that returns `bytes`, no parsed JSON",
    ),
    (7, "`rawPyInvoke`, and `Channel` with `addJsonListener`, are gone (Transom has both)"),
    (
        8,
        "`plugins=` of `build` registers them, no longer the wheel's `builder_factory()` (written)",
    ),
)
"""What broke for apps of the versions before, by the version that did it."""

PACKAGE = r"(?:tauri-plugin-)?pytauri(?:[-_.](?:wheel|plugins|utils|api|plugin[-_.]notification))?"
NAMED = rf"(?<![\w./-])(?P<name>{PACKAGE})"
PINS = (
    # `"pytauri-wheel[x] ~= 0.5.0"`, as pip takes it.
    re.compile(rf"{NAMED}(?:\s*\[[^\]\n]*\])?\s*\(?(?P<range>[=!~<>]=[^;#\"'\n)]*|[<>][^;#\"'\n)]*)"),
    # `pytauri = "0.5"` and `pytauri = { version = "0.5" }`, as Cargo, Poetry and npm take it.
    re.compile(
        rf"{NAMED}[\"']?\s*[=:]\s*(?:\{{[^}}\n]*?\bversion\s*=\s*)?[\"'](?P<range>[^\"'\n]*\d[^\"'\n]*)[\"']"
    ),
    # A table of its own, or the entry of a lock file.
    re.compile(
        rf"(?m)^(?:\[.*dependencies\.(?P<name>{PACKAGE})\]|name\s*=\s*\"(?P<locked>{PACKAGE})\")"
        r"\s*\n(?:\w+\s*=.*\n)*?version\s*=\s*\"(?P<range>[^\"\n]*)\""
    ),
)  # fmt: skip
PART = re.compile(r"(===?|~=|<=|>=|!=|[\^~=<>])?\s*v?(\d+(?:\.(?:\d+|[*x]))*)")


@dataclass(frozen=True)
class Pin:
    """A line that allows versions before 0.8 only."""

    path: Path
    line: int
    text: str
    minor: int
    """Of the newest version that it allows: 5 for 0.5."""
    of_page: bool
    """It is about the page's package, which may be older than the rest."""


def pins(path: Path, text: str) -> Iterator[Pin]:
    """The lines of a file of dependencies that do not allow 0.8."""
    for form in PINS:
        for found in form.finditer(text):
            minor = newest(found["range"])
            if minor is not None and minor < API:
                at = found.start("range")
                line = text.count("\n", 0, at)
                names = found.groupdict()
                name = names["name"] or names.get("locked") or ""
                shown = text.splitlines()[line].strip()
                yield Pin(path, line + 1, shown, minor, name.endswith("-api"))


def newest(versions: str) -> int | None:
    """The newest 0.x that a range allows, by its x, or `None`: there is no bound."""
    bounds = list[int]()
    for operator, version in PART.findall(versions):
        numbers = [int(it) for it in version.split(".") if it.isdigit()]
        if len(numbers) < 2 or numbers[0] != 0 or operator in {">=", ">", "!="}:
            continue
        if operator == "~=" and len(numbers) == 2:
            continue  # pip takes `~=0.5` for any 0.x from 0.5 on
        below = operator == "<" and not any(numbers[2:])
        bounds.append(numbers[1] - below)
    return min(bounds, default=None)


def oldest(found: Iterable[Pin]) -> Pin | None:
    """The pin that says for which version the app is written: rather its code's than its page's."""
    return min(found, key=lambda it: (it.of_page, it.minor), default=None)


def told(pin: Pin, folder: Path) -> str:
    """What somebody who moves such an app over has to know."""
    name = pin.path.relative_to(folder).as_posix()
    changes = [f"  0.{minor}: {text}" for minor, text in CHANGES if minor > pin.minor]
    return "\n".join(
        (
            f"Written for PyTauri 0.{pin.minor}, before 0.8: {name}:{pin.line}: {pin.text}",
            "Transom has the API of PyTauri 0.8. These versions changed what such an app may use:",
            *changes,
        )
    )
