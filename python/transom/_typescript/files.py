"""Writes files that watchers see: whole, and only when they change."""

import os
import shutil
from pathlib import Path


def differs(path: Path, text: str) -> bool:
    """Whether the file has another text, or is not there."""
    try:
        return path.read_text(encoding="utf-8") != text
    except (FileNotFoundError, UnicodeDecodeError):
        return True


def write(path: Path, text: str) -> bool:
    """Writes a file, with its folder. False: it had that text already.

    A reader finds the old file or the new one, never a part.
    """
    if not differs(path, text):
        return False
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True
