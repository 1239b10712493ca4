"""Finds what has changed in a version: the part of a CHANGELOG.md that is about it."""

import re
from pathlib import Path

from .errors import UpdateError

_HEADING = re.compile(r"^##\s+\[?v?(?P<version>[^\]\s]+)\]?.*$", re.MULTILINE)


def notes_in(path: Path, version: str) -> str:
    """The notes of a version: what a changelog has about it, or the whole of another file.

    A changelog has a heading of the second level for each version, as in "Keep a Changelog".

    Raises:
        UpdateError: The file cannot be read, or a changelog has nothing about the version.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UpdateError(f"the notes {path} cannot be read: {error}") from error
    if not path.name.lower().startswith("changelog"):
        return text.strip()
    headings = list(_HEADING.finditer(text))
    for at, heading in enumerate(headings):
        if heading["version"] == version.removeprefix("v"):
            end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
            return text[heading.end() : end].strip()
    raise UpdateError(f"{path} has no heading `## [{version}]`: write one, or give --notes FILE")
