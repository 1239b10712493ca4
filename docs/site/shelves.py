"""Says which pages the site has, where they stand in it, and in which order.

The order of the shelves is that of `docs/README.md`. Paths are relative to the repository and have
slashes, as links in the pages have.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INDEX = "docs/README.md"
SOURCES = "https://github.com/transom-dev/transom/blob/main/"
#: What belongs to no shelf, under the title of its tab.
BESIDE = {
    "Examples": {
        "Workbench": "examples/workbench/README.md",
        "Arrays": "examples/arrays/README.md",
        "An app in Rust": "examples/rust-host/README.md",
        "An app crate": "examples/app-crate/README.md",
    },
    "Project": {
        "Changelog": "CHANGELOG.md",
        "Contributing": "CONTRIBUTING.md",
        "How it is measured": "benches/README.md",
    },
}
_SHELF = re.compile(r"## (.+)")
_PAGE = re.compile(r"(?:\d+\.|-) \[([^\]]+)\]\(([^)#]+\.md)\)")
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")

Shelf = dict[str, str]
"""The titles of pages, and their files."""


def shelves() -> dict[str, Shelf]:
    """The shelves, as the index lists them."""
    found: dict[str, Shelf] = {}
    for line in (ROOT / INDEX).read_text().splitlines():
        if shelf := _SHELF.fullmatch(line):
            found[shelf[1]] = {}
        elif page := _PAGE.match(line):
            file = posixpath.normpath(posixpath.join("docs", page[2]))
            list(found.values())[-1][page[1].replace("`", "")] = file
    return found


def pages() -> list[str]:
    """All files of the repository that become pages."""
    on_shelves = [
        file for shelf in (*shelves().values(), *BESIDE.values()) for file in shelf.values()
    ]
    return ["README.md", INDEX, *on_shelves]


def pictures() -> list[str]:
    """All pictures that pages show."""
    return sorted(str(it.relative_to(ROOT)) for it in (ROOT / "docs" / "images").iterdir())


def place(file: str) -> str:
    """Where a file of the repository stands in the site."""
    if file == "README.md":
        return "index.html"
    if not file.endswith(".md"):
        return file.removeprefix("docs/")
    name = file.removesuffix(".md").removesuffix("/README")
    return (name.removeprefix("docs/") if "/" in name else name.lower()) + ".html"


def outward(text: str, page: str, inside: Mapping[str, object]) -> str:
    """The text of a page with links to files that are not `inside` turned to the repository."""

    def turned(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), link[1]))
        if target in inside or not (ROOT / target).exists():
            return link[0]
        return f"{SOURCES}{target}{link[2] or ''}"

    return "".join(part if fenced else _LINK.sub(turned, part) for fenced, part in _by_fences(text))


def _by_fences(text: str) -> Iterator[tuple[bool, str]]:
    """The parts of a text, and whether each is a line of a listing."""
    inside = False
    for line in text.splitlines(keepends=True):
        fence = line.lstrip().startswith("```")
        yield inside or fence, line
        inside ^= fence
