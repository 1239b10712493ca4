"""Tests each template of `transom new` as its user would: tests, types, a build, and windows.

With `TEMPLATES=all` all of them are tried, else those that are tried by each `make test`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from projects import build_pages, check_commands, check_windows, install_crate, new

from transom._scaffold.catalog import TEMPLATES

ALL = os.environ.get("TEMPLATES") == "all"
BUILT = [name for name, it in TEMPLATES.items() if it.builds_pages and (ALL or name == "vite-ts")]


def test_the_plain_template_is_an_app(tmp_path: Path) -> None:
    project = new(tmp_path, "plain")
    check_commands(project, "hello/frontend/api.ts")
    check_windows(project)


@pytest.mark.parametrize("template", BUILT)
def test_a_template_with_built_pages_is_an_app(tmp_path: Path, template: str) -> None:
    project = new(tmp_path, template)
    check_commands(project, "frontend/src/api.ts")
    build_pages(project)
    check_windows(project)


@pytest.mark.skipif(not ALL, reason="its crate is compiled for minutes: TEMPLATES=all")
def test_the_rust_template_is_an_app(tmp_path: Path) -> None:
    project = new(tmp_path, "rust")
    check_commands(project, "frontend/api.ts")
    python = install_crate(project, tmp_path / "environment")
    check_windows(project, str(python), "#said-in-rust")
