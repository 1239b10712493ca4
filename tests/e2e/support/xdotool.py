"""Presses keys and mouse buttons as a user does, by `xdotool`."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TypeAlias

import pytest

from transom.testing.webdriver import wait_for


def _run(*args: str) -> str:
    if shutil.which("xdotool") is None:
        pytest.fail("xdotool is missing: scripts/setup.sh installs it")
    return subprocess.run(["xdotool", *args], check=True, capture_output=True, text=True).stdout


class Window:
    """A window of the screen, found by its title."""

    def __init__(self, title: str) -> None:
        def search() -> str:
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"],
                check=False,
                capture_output=True,
                text=True,
            )
            return found.stdout.strip().split("\n")[-1]

        if shutil.which("xdotool") is None:
            pytest.fail("xdotool is missing: scripts/setup.sh installs it")
        self.id = wait_for(search, what=f"a window with the title {title!r}")

    def click(self, x: int, y: int) -> None:
        """Clicks a place in the window."""
        _run("mousemove", "--window", str(self.id), str(x), str(y), "click", "1")

    def key(self, *keys: str) -> None:
        """Gives the window the focus and presses keys."""
        _run("windowfocus", "--sync", str(self.id))
        _run("key", "--delay", "40", *keys)


def open_menu(window: Window, x: int, y: int) -> None:
    """Clicks a place in a menu bar until a menu is there to take keys: it may not be drawn yet."""
    fewest = len(shown(".*"))

    def is_open() -> bool:
        nonlocal fewest
        window.click(x, y)
        end = time.monotonic() + 15
        while (count := len(shown(".*"))) <= fewest:
            # The menu before it may still have been there.
            fewest = min(fewest, count)
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    wait_for(is_open, 120, "the menu")


def key(*keys: str) -> None:
    """Presses keys for whatever has grabbed the keyboard, such as an open menu."""
    _run("key", "--delay", "40", *keys)


def type_text(text: str) -> None:
    """Types a text for whatever has the keyboard."""
    _run("type", "--delay", "40", text)


def click(x: int, y: int, button: int = 1) -> None:
    """Clicks a place on the screen."""
    _run("mousemove", str(x), str(y), "click", str(button))


def shown(of_class: str) -> list[str]:
    """The visible windows of a class, also menus, by their ids."""
    search = ["xdotool", "search", "--onlyvisible", "--class", f"^{of_class}$"]
    return subprocess.run(search, check=False, capture_output=True, text=True).stdout.split()


Place: TypeAlias = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the screen."""


def place_of(window: str) -> Place | None:
    """Where a window is. `None`: it is gone."""
    command = ["xdotool", "getwindowgeometry", "--shell", window]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    if found.returncode != 0:
        return None
    values = dict(line.split("=") for line in found.stdout.splitlines())
    return int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"])
