"""Finds the worker processes of an app in the system's process list."""

from __future__ import annotations

import contextlib
from pathlib import Path


def parent(pid: int) -> int:
    """The process that started it, or that took it over. `OSError`: there is none of that id."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _children(parents: set[int]) -> dict[int, list[bytes]]:
    """Children that run the boot file, with their command lines: a zombie has none."""
    found: dict[int, list[bytes]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            line = (entry / "cmdline").read_bytes()
            ours = b"boot.py" in line if line else (entry / "comm").read_text()[:6] == "python"
            if ours and parent(int(entry.name)) in parents:
                found[int(entry.name)] = line.split(b"\0")
    return found


def zygotes(host: int) -> list[int]:
    """The processes that fork the app's workers."""
    return [pid for pid, line in _children({host}).items() if b"zygote" in line]


def workers(host: int) -> list[int]:
    """The app's workers, whoever started them; those that are not reaped too."""
    forked = _children(set(zygotes(host)))
    own = [pid for pid, line in _children({host}).items() if b"zygote" not in line]
    return [*own, *forked]
