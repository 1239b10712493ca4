"""Tests that links between documents work, and that the index leads to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import DOCS, ROOT, anchors, links, markdown, slug, tracked

MENTION = re.compile(r"\bdocs/[\w/.-]+\.md(?:#[\w-]+)?")
HISTORY = {"CHANGELOG.md"}
"""Names pages as they were."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def missing(page: Path, target: str) -> str | None:
    """What is wrong with a relative link of `page`."""
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.exists():
        return f"{name_of(page)}: there is no {target}"
    if anchor and anchor not in anchors(file):
        return f"{name_of(page)}: {name or 'the page'} has no heading for #{anchor}"
    return None


@pytest.mark.parametrize("page", markdown(), ids=name_of)
def test_every_relative_link_and_anchor_leads_somewhere(page: Path) -> None:
    local = [it for it in links(page) if not re.match(r"[a-z]+:", it)]
    assert [wrong for it in local if (wrong := missing(page, it))] == []


def test_a_link_to_nowhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `two`\n\n[a](#one-two) [b](#three) [c](page.md#one) [d](gone.md)\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    wrong = [missing(page, it) for it in links(page)]
    assert [it is None for it in wrong] == [True, False, False, False]


def test_places_are_named_as_on_github() -> None:
    assert slug("What `Cancelled` can, and can't do: a list") == (
        "what-cancelled-can-and-cant-do-a-list"
    )


def test_pages_that_the_sources_name_are_there() -> None:
    named = {
        (name_of(file), found)
        for file in tracked("*.py", "*.pyi", "*.rs", "*.ts", "*.js", "*.toml", "*.md", "*.sh")
        if name_of(file) not in HISTORY and file != Path(__file__)
        for found in MENTION.findall(file.read_text())
    }
    assert named, "no source names a page: the pattern has lost them"
    gone = {(file, found) for file, found in named if missing(ROOT / "x", found)}
    assert gone == set()


def test_the_index_names_every_page() -> None:
    index = DOCS / "README.md"
    named = {(DOCS / it.partition("#")[0]).resolve() for it in links(index)}
    pages = set(DOCS.rglob("*.md")) - {index}
    assert {name_of(it) for it in pages - named} == set()
