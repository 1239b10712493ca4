"""Prints the entry of a version in CHANGELOG.md as the notes of its release.

    python scripts/release_notes.py [VERSION]      e.g. `0.2.0` or `v0.2.0`; default: Cargo.toml's

`Unreleased` gives what the next release would say. Without an entry, or with an empty one, the exit
code is 1.
"""

from __future__ import annotations

import re
import sys

from versions import ROOT, version

_ENTRY = re.compile(r"^## \[(?P<version>[^\]]+)\].*\n", re.MULTILINE)
_WRAPPED = re.compile(r"(?<=\S)\n {2,}(?=[^\s*+-])")


def entries(changelog: str) -> dict[str, str]:
    """The text of each entry by its version, without its heading."""
    headings = list(_ENTRY.finditer(changelog))
    ends = [*(it.start() for it in headings[1:]), len(changelog)]
    return {
        it["version"]: changelog[it.end() : end].strip()
        for it, end in zip(headings, ends, strict=True)
    }


def notes(changelog: str, of: str) -> str:
    """The notes of a release: its entry, each paragraph on one line as a release page wants it.

    Raises:
        LookupError: There is no entry of that version, or nothing in it.
    """
    found = entries(changelog)
    name = of.removeprefix("v")
    if not found.get(name):
        raise LookupError(
            f"CHANGELOG.md has {'nothing under' if name in found else 'no'} “## [{name}]”: "
            "give what is under “## [Unreleased]” that heading, with the date"
        )
    return _WRAPPED.sub(" ", found[name]) + "\n"


def main() -> int:
    """Prints the notes; 1 if there are none."""
    try:
        text = notes((ROOT / "CHANGELOG.md").read_text(), *(sys.argv[1:2] or [version()]))
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
