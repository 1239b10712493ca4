"""Tests the code listings of the documents: they compile or parse, and some are run."""

from __future__ import annotations

import ast
import inspect
import json
import tomllib
import types
from pathlib import Path
from typing import Any

import pytest
from page_scripts import check_scripts
from pages import GUIDE, Listing, guide, listings, markdown
from preludes import running

from transom._typescript.module import Module

PAGES = [it for it in markdown() if it.name != "CHANGELOG.md"]
ALL = [it for page in PAGES for it in listings(page)]
SHOWN_ONLY = {"", "sh", "text"}
"""Commands of a shell, and drawings."""
TESTED = {"python", "json", "toml", "html", "js", "ts"}
FRAGMENTS = [it for it in ALL if it.language == "python" and not it.title and not it.no_test]


def of(*languages: str) -> list[Listing]:
    return [it for it in ALL if it.language in languages]


def test_every_listing_says_what_it_is() -> None:
    assert [str(it) for it in ALL if it.language not in TESTED | SHOWN_ONLY] == []


def test_what_cannot_run_says_why() -> None:
    assert [str(it) for it in ALL if it.no_test is not None and len(it.no_test) < 10] == []


@pytest.mark.parametrize("listing", of("python"), ids=str)
def test_python_compiles(listing: Listing) -> None:
    compiled(listing)


@pytest.mark.parametrize("listing", of("json"), ids=str)
def test_json_can_be_read(listing: Listing) -> None:
    json.loads(listing.text)


@pytest.mark.parametrize("listing", of("toml"), ids=str)
def test_toml_can_be_read(listing: Listing) -> None:
    tomllib.loads(listing.text)


def compiled(listing: Listing) -> types.CodeType:
    # With its lines where they are on the page, so that an error names them.
    source = "\n" * listing.line + listing.text
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(source, str(listing.page), "exec", flags=flags, dont_inherit=True)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("listing", FRAGMENTS, ids=str)
async def test_a_fragment_runs(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(listing.page, names_of_app(listing.page)) as names:
        done: Any = types.FunctionType(compiled(listing), names)()
        if inspect.isawaitable(done):
            await done


def names_of_app(page: Path) -> dict[str, Any]:
    """What the complete program of a page of the guide has defined."""
    names: dict[str, Any] = {"__name__": "app", "__file__": str(page)}
    for listing in listings(page):
        if listing.title == "app.py":
            exec(compiled(listing), names)
    return names


def test_scripts_are_valid(tmp_path: Path) -> None:
    """TypeScript and JavaScript have the types of the page's client; pages can be parsed."""
    page = GUIDE / "typescript.md"
    names = names_of_app(page)
    for listing in listings(page):
        if listing.language == "python" and listing.title is None:
            exec(compiled(listing), names)
    (tmp_path / "api.ts").write_text(Module(names["commands"]).write())
    check_scripts([it for it in of("ts", "js", "html") if not it.no_test], tmp_path)


def test_a_script_that_is_wrong_is_found(tmp_path: Path) -> None:
    wrong = Listing(GUIDE / "x.md", 1, "ts", None, None, 'await pyInvoke(7, { timeuot: "x" });\n')
    with pytest.raises(AssertionError, match=r"x\.md:2"):
        check_scripts([wrong], tmp_path)


def test_every_page_of_the_guide_is_tested() -> None:
    tests = Path(__file__).parents[1]
    files = [tests / "docs" / "test_apps.py", tests / "e2e" / "whole_apps" / "test_guide.py"]
    files += [tests / "cluster" / "test_addresses.py", tests / "docs" / "test_command_line.py"]
    named = "".join(it.read_text() for it in files)
    assert [it.name for it in guide() if f'"{it.name}"' not in named] == []
