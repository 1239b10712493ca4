"""Tests the quick start of the README, as it is written there."""

from __future__ import annotations

from harness import StartApp
from pages import ROOT, listings


def test_the_quick_start_greets(start_app: StartApp) -> None:
    files = {it.title: it.text for it in listings(ROOT / "README.md") if it.title is not None}
    assert set(files) == {
        "app.py",
        "Tauri.toml",
        "capabilities/main.toml",
        "frontend/index.html",
    }
    page = start_app(files["app.py"], files=files, config=None, capabilities={}).page()
    page.wait_until('document.readyState === "complete"')
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("p").textContent === "Hello, Ada!"')
