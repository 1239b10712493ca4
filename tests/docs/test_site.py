"""Tests what the site of the documents is made of. `make docs` builds it, and checks every link."""

from __future__ import annotations

import re
from pathlib import Path

import link_check
import plots
import pytest
import python_api
import shelves
from pages import DOCS, ROOT, listings, markdown

IMPORTED = re.compile(r"^\s*(?:from|import) (transom[\w.]*)", re.MULTILINE)
LABEL = re.compile(r'anchor="start" dominant-baseline="central">(\d[\d.]*) m?s<')


def test_every_document_has_one_place_on_the_shelves() -> None:
    pages = shelves.pages()
    documents = {str(it.relative_to(ROOT)) for it in DOCS.rglob("*.md")}
    assert documents | {"README.md", "CHANGELOG.md", "js/README.md"} <= set(pages)
    assert len(pages) == len(set(pages))
    assert len({shelves.place(it) for it in pages}) == len(pages)
    assert [it for it in pages if not (ROOT / it).is_file()] == []


def test_the_guide_is_in_the_order_of_the_index() -> None:
    assert list(shelves.shelves()) == ["Guide", "Reference", "Internals"]
    assert list(shelves.shelves()["Guide"])[:3] == ["A first app", "Commands", "Windows"]


def test_places_have_names_that_read_well() -> None:
    files = ["README.md", "docs/README.md", "docs/guide/jobs.md", "js/README.md", "CHANGELOG.md"]
    places = ["index.html", "docs.html", "guide/jobs.html", "js.html", "changelog.html"]
    assert [shelves.place(it) for it in files] == places


def test_every_module_that_a_listing_imports_has_a_page_of_the_api() -> None:
    text = "\n".join(
        it.text for page in markdown() if page.is_relative_to(DOCS) for it in listings(page)
    )
    imported = set(IMPORTED.findall(text))
    assert {"transom", "transom.testing", "transom.plugins"} <= imported
    assert imported - set(python_api.public()) == set()


def test_modules_that_repeat_others_share_a_page() -> None:
    assert "transom.ffi.menu" in python_api.page("transom.ffi")
    assert not any(it.startswith("transom.ffi.") for it in python_api.modules())


def test_a_link_to_a_source_leads_to_the_repository() -> None:
    text = "[a](../../Makefile#L3) [b](jobs.md) [c](#d)\n```\n[e](../../Makefile)\n```\n"
    turned = shelves.outward(text, "docs/guide/streams.md", {"docs/guide/jobs.md": None})
    rest = "[b](jobs.md) [c](#d)\n```\n[e](../../Makefile)\n```\n"
    assert turned == f"[a]({shelves.SOURCES}Makefile#L3) {rest}"


def test_plots_show_the_figures_of_their_tables() -> None:
    page = (ROOT / plots.PAGE).read_text()
    drawn = plots.drawn(page)
    assert re.sub(r"\n(?:<figure.*</figure>\n)+", "", drawn) == page
    figures = re.findall(r"<figure.*?</figure>", drawn)
    assert [len(LABEL.findall(it)) for it in figures] == [18, 10, 10, 10, 10]
    assert LABEL.findall(figures[0])[:4] == ["1", "7.4", "12", "0.9"]
    assert LABEL.findall(figures[1])[:4] == ["0.4", "0.8", "3.8", "6.4"]
    longest = re.findall(r"\| ([\d.]+) s \| \d+ \|$", page, re.MULTILINE)
    assert [float(it) for it in LABEL.findall(figures[4])] == [float(it) for it in longest]


def test_a_table_that_is_gone_is_an_error() -> None:
    page = (ROOT / plots.PAGE).read_text().replace("## Large bodies", "## Bodies")
    with pytest.raises(ValueError, match="no table under “Large bodies”"):
        plots.drawn(page)


def test_broken_links_and_pages_without_a_link_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top"></h1><a href="a.html#here">a</a><a href="a.html#there">b</a>'
        '<a href="gone.html">c</a><a href="#top">d</a><img src="gone.png">'
        '<script src="https://example.com/x.js"></script><a href="https://example.com">e</a>'
    )
    (tmp_path / "a.html").write_text('<p id="here"></p>')
    (tmp_path / "alone.html").write_text("")
    assert link_check.problems(tmp_path) == [
        "index.html: a.html#there names no place of that page",
        "index.html: there is no gone.html",
        "index.html: there is no gone.png",
        "index.html: loads https://example.com/x.js from another machine",
        "alone.html: no link leads to it",
    ]
