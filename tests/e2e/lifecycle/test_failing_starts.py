"""Tests the dialog of an app that fails before its first window, on a real display."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from harness import environment, write_app
from xdotool import Window

from transom._program.failing import WATCHED
from transom.testing.webdriver import Display, wait_for

SETUP = """
import sys
from pathlib import Path
import transom

def setup(app):
    raise OSError("the <b>database</b> %s cannot be opened & read")

if __name__ == "__main__":
    sys.exit(transom.run(transom.Commands(), Path(__file__).parent, setup=setup))
"""
WITHOUT_WEBKIT = """
import sys
sys.modules["transom._native"] = None
import transom
"""


def start(script: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts an app as a desktop does: nobody reads what it writes."""
    kept = {name: value for name, value in os.environ.items() if name not in WATCHED}
    none = subprocess.DEVNULL
    command = [sys.executable, str(script)]
    return subprocess.Popen(command, env={**kept, **env}, stdin=none, stdout=none, stderr=none)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path)


@pytest.fixture
def display() -> Iterator[Display]:
    display = Display()
    yield display
    display.close()


@pytest.mark.parametrize("source", [SETUP, WITHOUT_WEBKIT], ids=["setup", "webkit"])
def test_a_start_that_fails_shows_a_dialog(
    tmp_path: Path, env: dict[str, str], source: str
) -> None:
    app = start(write_app(tmp_path / "app", source, config={"productName": "Broken"}), env)
    try:
        dialog = Window("Broken could not start")
        assert app.poll() is None
        (log,) = tmp_path.rglob("dev.transom.e2e/logs/failed-start-*.log")
        assert "Traceback" in log.read_text()
        dialog.key("Return")
        assert app.wait(60) == 1
    finally:
        app.kill()
        app.wait()


def test_the_dialog_ends_with_its_display(
    tmp_path: Path, env: dict[str, str], display: Display
) -> None:
    app = start(write_app(tmp_path / "app", SETUP), {**env, **display.environment()})

    def is_shown() -> bool:
        search = ["xdotool", "search", "--onlyvisible", "--name", "could not start$"]
        on = {**os.environ, **display.environment()}
        return subprocess.run(search, check=False, capture_output=True, env=on).returncode == 0

    try:
        wait_for(is_shown, what="the dialog")
        display.close()
        assert app.wait(60) == 1
    finally:
        app.kill()
        app.wait()
