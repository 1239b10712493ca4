"""Tests that the page of promises names tests that exist."""

from __future__ import annotations

import re

from pages import DOCS, ROOT, tracked

PAGE = DOCS / "internals" / "promises.md"
CODE = re.compile(r"`([^`]+)`")
SOURCES = tracked("tests/*.py", "src/*.rs", "js/tests/*.ts")


def named() -> list[str]:
    """What is written as code in the second level of the lists: the tests."""
    held = re.findall(r"^  - (?:.*\n)(?:    .*\n)*", PAGE.read_text(), re.MULTILINE)
    return [code.replace("\n    ", " ") for item in held for code in CODE.findall(item)]


def test_files_that_the_promises_name_are_there() -> None:
    files = [str(it.relative_to(ROOT)) for it in tracked(".")]
    wanted = [it for it in named() if re.fullmatch(r"[\w./-]+\.(py|rs|ts)", it)]
    assert len(wanted) > 100, "the pattern has lost the names"
    assert [it for it in wanted if not any(f"/{file}".endswith(f"/{it}") for file in files)] == []


def test_tests_that_the_promises_name_are_there() -> None:
    text = "\n".join(it.read_text() for it in SOURCES)
    there = set(re.findall(r"\b(?:def|fn) (\w+)", text))
    wanted = [it for it in named() if re.fullmatch(r"\w{20,}", it)]
    assert len(wanted) > 100, "the pattern has lost the names"
    # Some are commands of an app under test, which a table of cases names.
    assert [it for it in wanted if it not in there and f'"{it}"' not in text] == []
