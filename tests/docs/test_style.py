"""Tests that the documents can be read in an editor of 100 columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, markdown

SAMPLES = ROOT / "examples" / "workbench" / "documents"
PAGES = [it for it in markdown() if it.name != "CHANGELOG.md" and not it.is_relative_to(SAMPLES)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_have_100_columns_at_most(page: Path) -> None:
    lines = enumerate(page.read_text().splitlines(), 1)
    assert [number for number, line in lines if len(line) > 100] == []
