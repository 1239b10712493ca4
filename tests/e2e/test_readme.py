"""The quick start of the README, taken from its text and run."""

from __future__ import annotations

import re
from pathlib import Path

from harness import StartApp

README = Path(__file__).parents[2] / "README.md"
FILE = re.compile(
    r"^(?:Four files in one folder\. )?`(?P<name>[\w./]+)`:\n\n```\w+\n(?P<text>.*?)```",
    re.MULTILINE | re.DOTALL,
)


def test_the_quick_start_greets(start_app: StartApp) -> None:
    files = {found["name"]: found["text"] for found in FILE.finditer(README.read_text())}
    assert set(files) == {
        "app.py",
        "Tauri.toml",
        "capabilities/main.toml",
        "frontend/index.html",
    }
    page = start_app(files["app.py"], files=files, config=None, capabilities={}).page()
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("p").textContent === "Hello, Ada!"')
