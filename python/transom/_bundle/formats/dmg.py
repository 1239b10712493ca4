"""Writes a `.dmg`: a disk image for macOS, from which the app is dragged to the applications.

Tried on a made-up payload and in place of `hdiutil` only.
"""

import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..errors import BuildError
from ..payload import Payload
from ..project import AppProject
from . import app

SYSTEM = "darwin"
ARCHITECTURES = {"x86_64": "x64", "arm64": "aarch64"}
"""As Tauri names the files."""


def check(project: AppProject) -> None:
    """Looks for `hdiutil`, and at what the app in the image needs.

    Raises:
        BuildError: Something is missing or wrong.
    """
    app.check(project)
    _hdiutil()


def name(payload: Payload) -> str:
    """The name of the file."""
    project, machine = payload.project, platform.machine()
    return f"{project.name}_{project.version}_{ARCHITECTURES.get(machine, machine)}.dmg"


def write(payload: Payload, file: Path, level: int) -> None:
    """Writes the file, with a signed app in it.

    Raises:
        BuildError: There is no `hdiutil`, or it fails.
    """
    hdiutil = _hdiutil()
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".dmg-") as temporary:
        bundle = Path(temporary, app.name(payload))
        app.write(payload, bundle, level)
        payload.signing.sign(bundle)
        Path(temporary, "Applications").symlink_to("/Applications")
        command = [
            hdiutil, "create", "-volname", payload.project.title, "-srcfolder", temporary,
            "-fs", "HFS+", "-format", "UDZO", "-imagekey", f"zlib-level={level}", "-ov", str(file),
        ]  # fmt: skip
        done = subprocess.run(command, check=False, text=True, capture_output=True)
        if done.returncode != 0:
            raise BuildError(f"`hdiutil` failed: {done.stderr.strip()}")


def _hdiutil() -> str:
    found = shutil.which("hdiutil")
    if found is None:
        raise BuildError("a `.dmg` is written by `hdiutil`, which is part of macOS: it is not here")
    return found
