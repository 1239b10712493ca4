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


def test_every_command_and_option_is_there() -> None:
    found = typer.main.get_command(app)
    commands = vars(found)["commands"]
    assert re.findall(r"^## `transom (\w+)`", PAGE, re.MULTILINE) == list(commands)
    for name, command in commands.items():
        options = {word for it in command.params for word in it.opts if word.startswith("-")}
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
