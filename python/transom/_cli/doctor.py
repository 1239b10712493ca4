"""Says what keeps an app from working: `transom doctor`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from .._doctor.finding import Finding, Level
from .._doctor.fixing import install_client
from .._doctor.machine import look_at_machine
from .._doctor.project import look_at_project
from .terminal import paint, say

_MARKS = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.PROBLEM: ("✗", "red")}


def doctor(
    folder: Annotated[Path, typer.Argument(help="The folder of the app.")] = Path(),
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended without harm.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Leave out what is in order.")
    ] = False,
) -> None:
    """Look at this machine and at the app, without starting it, and say what to do.

    The exit status is 1 if there is a problem. A warning may be meant.
    """
    if not folder.is_dir():
        typer.echo(f"transom doctor: there is no folder `{folder}`", err=True)
        raise typer.Exit(2)
    root = folder.resolve()
    found = look(root)
    if fix and any(it.is_fixable for it in found):
        for said in install_client(root):
            typer.echo(f"transom doctor: {said}", err=True)
        found = look(root)
    problems = sum(it.level is Level.PROBLEM for it in found)
    if as_json:
        _write_json(found)
    else:
        _write_list([it for it in found if not quiet or it.level is not Level.OK])
    if problems:
        raise typer.Exit(1)


def look(root: Path) -> list[Finding]:
    """All that is found."""
    return [*look_at_machine(), *look_at_project(root)]


def _write_json(found: Sequence[Finding]) -> None:
    findings = [
        {
            "check": it.check,
            "level": it.level.value,
            "text": it.text,
            "remedy": it.remedy or None,
            "fixable": it.is_fixable,
        }
        for it in found
    ]
    is_well = all(it.level is not Level.PROBLEM for it in found)
    typer.echo(json.dumps({"ok": is_well, "findings": findings}, indent=2, ensure_ascii=False))


def _write_list(found: Sequence[Finding]) -> None:
    for it in found:
        mark, colour = _MARKS[it.level]
        say(f"{paint(mark, colour)} {it.text}")
        if it.remedy:
            say(f"    {paint('→', 'cyan')} {it.remedy}")
    counts = {level: sum(it.level is level for it in found) for level in Level}
    problems, warnings = counts[Level.PROBLEM], counts[Level.WARNING]
    if not problems and not warnings:
        say(paint("All is well.", "green"))
        return
    said = [
        f"{number} {name if number == 1 else name + 's'}"
        for number, name in ((problems, "problem"), (warnings, "warning"))
        if number
    ]
    say(paint(" and ".join(said), "red" if problems else "yellow"))
