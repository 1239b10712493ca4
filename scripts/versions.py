"""Checks that everything that is released has the version of `Cargo.toml`: `versions.py [TAG]`.

The crate and the Python package take it from there. The npm package and the text that a library of
an app is compared with have it written out, and are checked here.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version() -> str:
    """The version of the workspace."""
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())
    return str(cargo["workspace"]["package"]["version"])


def written() -> dict[str, str]:
    """The version by each file that has it written out once more."""
    package = json.loads((ROOT / "js" / "package.json").read_text())
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())
    library = (ROOT / "python" / "transom" / "_library.py").read_text()
    found = re.search(r'^PACKAGE_VERSION = "(.+)"$', library, re.MULTILINE)
    return {
        "js/package.json": package["version"],
        "js/package-lock.json": lock["packages"][""]["version"],
        "python/transom/_library.py": found[1] if found else "none",
    }


def problems(tag: str | None = None) -> list[str]:
    """What does not have the version of `Cargo.toml`; the tag of a release is one more of them."""
    right = version()
    wrong = [
        f"{file} says {other}, Cargo.toml says {right}: write {right} there"
        for file, other in written().items()
        if other != right
    ]
    if tag is not None and tag.removeprefix("refs/tags/").removeprefix("v") != right:
        wrong.append(f"the tag is {tag}, Cargo.toml says {right}: tag v{right}")
    return wrong


def main() -> int:
    """Prints what was found; 1 if a version differs."""
    wrong = problems(*sys.argv[1:2])
    print("\n".join(wrong) or f"Every version is {version()}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
