"""Finds Node, with which pages are built."""

import re
import shutil
import subprocess
from pathlib import Path

NEEDED = "20.19, or 22.12 and later"
"""What Vite runs on."""
WHERE = "install it from https://nodejs.org"


def problem() -> str | None:
    """What is wrong with the Node of this machine. `None`: it will do."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"there is no Node with npm: {WHERE} ({NEEDED})"
    return too_old()


def too_old() -> str | None:
    """What is wrong with the version of Node. `None`: it will do."""
    version = _version()
    if version is None or version < (20, 19) or (21, 0) <= version < (22, 12):
        said = "of an unknown version" if version is None else ".".join(map(str, version))
        return f"this Node, {said}, is too old: {WHERE} ({NEEDED})"
    return None


def _version() -> tuple[int, int] | None:
    try:
        done = subprocess.run(
            ["node", "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return None if found is None else (int(found[1]), int(found[2]))


def install(folder: Path, *, quiet: bool = False) -> bool:
    """Runs `npm install` in a folder, in sight, or with `quiet` out of it as far as it goes well.
    False: it has failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        return False
    command = [npm, "install", *(["--loglevel=error", "--no-progress"] if quiet else [])]
    out = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, cwd=folder, stdout=out, check=False).returncode == 0
