"""Tests that the page of the command line has every command, option and template."""

from __future__ import annotations

import re

import typer.main
from pages import GUIDE

from transom._cli.main import app
from transom._doctor.finding import problem
from transom._scaffold.catalog import TEMPLATES

PAGE = (GUIDE / "command-line.md").read_text()


def section(command: str) -> str:
    """What the page says of a command."""
    return PAGE.split(f"## `transom {command}`")[1].split("\n## ")[0]


def test_the_options_of_each_command_are_there() -> None:
    """Commands with a page of their own have only a link here."""
    commands = vars(typer.main.get_command(app))["commands"]
    assert set(re.findall(r"^\| \[`transom (\w+)`\]", PAGE, re.MULTILINE)) == set(commands)
    names = re.findall(r"^## `transom (\w+)`", PAGE, re.MULTILINE)
    assert {"new", "types", "doctor"} <= set(names) <= set(commands)
    for name in names:
        params = commands[name].params
        options = {word for it in params for word in it.opts if word.startswith("-")}
        row = re.compile(r"^\| (`-.*?) \|", re.MULTILINE)
        written = {it for cell in row.findall(section(name)) for it in re.findall(r"`(.*?)`", cell)}
        assert written == options, name


def test_every_template_is_there() -> None:
    rows = re.findall(r"^\| `([a-z][a-z-]*)` \|.*\| (\w+)", section("new"), re.MULTILINE)
    assert dict(rows) == {
        name: "yes" if it.builds_pages else "no" for name, it in TEMPLATES.items()
    }


def test_every_field_of_a_finding_is_there() -> None:
    for name in vars(problem("a", "b", "c")):
        assert f"`{name.removeprefix('is_')}`" in section("doctor")
