"""Reads the project's Markdown: its headings, its links and its listings."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"

_FENCE = re.compile(r"^\s*```(?P<language>\w*)(?P<info>.*)$")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_CODE = re.compile(r"(`+).*?\1", re.DOTALL)


@dataclass(frozen=True)
class Listing:
    """One fenced block.

    The line that opens it may say more than the language: `title="app.py"` makes it a file of the
    page's app, and `no-test="why"` says that nothing can run it, and why.
    """

    page: Path
    line: int
    """The number of the line that opens the block."""
    language: str
    title: str | None
    no_test: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def tracked(*patterns: str) -> list[Path]:
    """The files of the project, as Git knows them, without those that were deleted."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


@cache
def markdown() -> list[Path]:
    """Every Markdown file of the project."""
    return tracked("*.md")


def guide() -> list[Path]:
    """The pages of the guide."""
    return sorted(GUIDE.glob("*.md"))


@cache
def listings(page: Path) -> list[Listing]:
    """The fenced blocks of a page, in order."""
    found: list[Listing] = []
    opened: tuple[int, str, str] | None = None
    text: list[str] = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                opened = (number, fence["language"], fence["info"])
                text = []
        elif fence and not fence["language"]:
            known = dict(_ATTRIBUTE.findall(opened[2]))
            body = "".join(f"{it}\n" for it in text)
            found.append(
                Listing(page, opened[0], opened[1], known.get("title"), known.get("no-test"), body)
            )
            opened = None
        else:
            text.append(line)
    assert opened is None, f"{page}: the block that line {opened and opened[0]} opens has no end"
    return found


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page outside of its fenced blocks, with their numbers."""
    inside = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def links(page: Path) -> list[str]:
    """What the links and pictures of a page point at."""
    text = "\n".join(line for _, line in prose(page))
    return _LINK.findall(_CODE.sub("", text))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The names that the headings of a page have as places, made as GitHub makes them."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for _, line in prose(page):
        if heading := _HEADING.match(line):
            name = slug(heading[2])
            names.append(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return frozenset(names)


def slug(heading: str) -> str:
    """The name of a heading as a place in its page."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.replace("`", ""))
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


APPS = {"testing.md": "commands.md"}
"""Pages of the guide that go on with the app of another one."""


def files(page: Path) -> dict[str, str]:
    """The app of a page of the guide: its listings with a title, over those of the first app."""
    before = GUIDE / APPS.get(page.name, "first-app.md")
    found = {} if before == page else files(before)
    found.update({it.title: it.text for it in listings(page) if it.title is not None})
    return found


def write(page: Path, folder: Path) -> Path:
    """Writes the app of a page into a folder, and returns the folder."""
    for name, text in files(page).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
