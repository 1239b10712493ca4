"""Runs every step of the guide's first page as it is written there."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from pages import GUIDE, Listing, listings
from projects import PACKAGE, run

from transom.testing import webdriver

PAGE = GUIDE / "first-app.md"


def steps() -> list[Listing]:
    """The listings, from the making of the app to the types."""
    text = PAGE.read_text().splitlines()
    first, last = text.index("## Make it"), text.index("## What happens in a call")
    return [it for it in listings(PAGE) if first < it.line < last]


def append(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text()}\n\n{text}")


def insert(file: Path, line: str) -> None:
    """A line that becomes the first one of `allow`."""
    before, after = file.read_text().split("allow = [\n")
    file.write_text(f"{before}allow = [\n{line}{after}")


def in_shell(folder: Path, listing: Listing) -> list[str]:
    """Runs what ends by itself; returns how the app is started, if that is a step."""
    started: list[str] = []
    for command in listing.text.splitlines():
        match shlex.split(command, comments=True):
            case ["cd", _]:
                pass
            case ["python", "-m", module]:
                started.append(module)
            case ["transom" | "pytest" as module, *rest]:
                here = folder.parent if rest[:1] == ["new"] else folder
                run(here, sys.executable, "-m", module, *rest)
            case other:
                raise AssertionError(f"the test does not know this step: {other}")
    return started


def test_the_steps_of_the_first_app(tmp_path: Path) -> None:
    project = tmp_path / "words"
    places = {
        "python": iter([project / "words" / "commands.py", project / "tests" / "test_commands.py"]),
        "js": iter([project / "words" / "frontend" / "main.js"]),
    }
    started: list[str] = []
    for step in steps():
        if step.language == "sh":
            started += in_shell(project, step)
        elif step.language == "text":
            insert(project / "words" / "capabilities" / "main.toml", step.text)
        else:
            append(next(places[step.language]), step.text)
    assert started == ["words", "words"]
    assert "export function countWords(" in (project / "words/frontend/api.ts").read_text()
    assert "6 passed" in run(project, sys.executable, "-m", "pytest", "-q")
    env = {"PYTHONPATH": str(PACKAGE)}
    with webdriver.start(module="words", folder=project, env=env) as app:
        main = app.page("main")
        main.wait_until('document.querySelectorAll(".job").length === 3')
        main.type("#name", "to be or not")
        main.wait_text("footer", "4 words, the longest is “not”")


@pytest.mark.parametrize("file", ["commands.py", "__main__.py", "Tauri.toml", "capabilities/"])
def test_the_files_that_it_names_are_those_of_the_template(file: str) -> None:
    assert f"`words/{file}`" in PAGE.read_text()
