"""Makes README.md right for a package index, in place: for a checkout that is thrown away.

Its links and pictures lead to files beside it. An index has none of these, so they become addresses
in the repository, at the tag of the version. GitHub, crates.io and the site read it as it is.
"""

from __future__ import annotations

import re
import sys
import tomllib

import versions
from versions import ROOT

README = ROOT / "README.md"
_LINK = re.compile(r"(!?)(\[[^\]]*\]\()([^)\s]+)(?=\))")
_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:|#|//", re.IGNORECASE)


def absolute(text: str) -> str:
    """The text with addresses in place of paths.

    Raises:
        LookupError: A path leads to nothing.
    """
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    repository, tag = str(package["repository"]), f"v{versions.version()}"
    raw = repository.replace("//github.com/", "//raw.githubusercontent.com/")

    def address(found: re.Match[str]) -> str:
        picture, words, path = found.groups()
        if _ELSEWHERE.match(path):
            return found[0]
        file = ROOT / path.partition("#")[0]
        if not file.exists():
            raise LookupError(f"README.md links to {path}, which is not there")
        kind = "tree" if file.is_dir() else "blob"
        place = f"{raw}/{tag}" if picture else f"{repository}/{kind}/{tag}"
        return f"{picture}{words}{place}/{path}"

    return _LINK.sub(address, text)


def main() -> int:
    """Rewrites the file; 1 if one of its links leads to nothing."""
    try:
        made = absolute(README.read_text(encoding="utf-8"))
    except LookupError as error:
        print(error.args[0])
        return 1
    README.write_text(made, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
