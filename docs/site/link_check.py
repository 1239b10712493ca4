"""Checks a site that was built: `link_check.py FOLDER`.

Every link and picture leads to a file of the site and to a place in it, every page can be reached
from the first, and no page loads anything from another machine.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: The folder that rustdoc fills: its pages are read for what they load, and by their own search.
RUSTDOC = "rust"
#: What its pages load whether it is there or not: lists of implementors, of traits that have some.
OPTIONAL = "/trait.impl/"
#: A page that no link leads to: servers show it.
ALONE = {"404.html"}


@dataclass
class Read(HTMLParser):
    """What one page links to, what it loads, and the places in it."""

    links: list[str] = field(default_factory=list[str])
    loads: list[str] = field(default_factory=list[str])
    places: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes down what an element names."""
        given = {name: value for name, value in attrs if value is not None}
        self.places.update(given[it] for it in ("id", "name") if it in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") in {
            "stylesheet",
            "icon",
            "preload",
            "modulepreload",
        }:
            self.loads.append(given["href"])
        elif tag in {"script", "img", "iframe", "source"} and "src" in given:
            self.loads.append(given["src"])


def read(page: Path) -> Read:
    """Reads a page of the site."""
    found = Read()
    found.feed(page.read_text())
    return found


def problems(site: Path) -> list[str]:
    """What is wrong with a site, page by page."""
    pages = {it: read(it) for it in sorted(site.rglob("*.html"))}
    wrong: list[str] = []
    reached = {site / "index.html"}
    for page, found in pages.items():
        name = page.relative_to(site)
        for link in (*found.links, *found.loads):
            if urlsplit(link).scheme or link.startswith("//"):
                if link in found.loads and not link.startswith("data:"):
                    wrong.append(f"{name}: loads {link} from another machine")
                continue
            if page.name in ALONE:
                continue  # its links are those of a server's root
            if RUSTDOC in name.parts and OPTIONAL in link:
                continue
            target, place = _target(page, link)
            if target.is_dir():
                target /= "index.html"
            reached.add(target)
            if not target.is_relative_to(site) or not target.exists():
                wrong.append(f"{name}: there is no {link}")
            elif place and RUSTDOC not in name.parts and place not in _places(pages, target):
                wrong.append(f"{name}: {link} names no place of that page")
    for page in pages.keys() - reached:
        name = page.relative_to(site)
        if RUSTDOC not in name.parts and page.name not in ALONE:
            wrong.append(f"{name}: no link leads to it")
    return wrong


def _target(page: Path, link: str) -> tuple[Path, str]:
    parts = urlsplit(link)
    path = unquote(parts.path)
    return ((page.parent / path).resolve() if path else page), unquote(parts.fragment)


def _places(pages: dict[Path, Read], target: Path) -> set[str]:
    return pages[target].places if target in pages else set()


def main() -> int:
    """Prints what was found; 1 if a link is broken, 2 if there is no site."""
    site = Path(sys.argv[1]).resolve()
    if not (site / "index.html").exists():
        print(f"{site} has no index.html: build it by `make docs`", file=sys.stderr)
        return 2
    wrong = problems(site)
    print("\n".join(wrong) or f"No broken link in {len(list(site.rglob('*.html')))} pages.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
