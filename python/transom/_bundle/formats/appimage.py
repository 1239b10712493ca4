"""Writes an AppImage: one file that holds the app, and mounts itself where it is started.

Such a file is a small program, the *runtime*, with a file system after it. The runtime is no part
of this package: `appimage-runtime` names one that was downloaded.
"""

import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..binaries import elf
from ..desktop import files
from ..errors import BuildError
from ..payload import Payload
from ..project import AppProject
from .members import date

SYSTEM = "linux"
MARK = b"AI\x02"
"""Stands at the eighth byte of a runtime of the second kind."""


def check(project: AppProject) -> None:
    """Looks for the runtime and for `mksquashfs`.

    Raises:
        BuildError: One is not there.
    """
    _runtime(project)
    _squash()


def name(payload: Payload) -> str:
    """The name of the file."""
    project = payload.project
    return f"{project.name}-{project.version}-{platform.machine()}.AppImage"


def write(payload: Payload, file: Path, level: int) -> None:
    """Writes the file.

    Raises:
        BuildError: There is no runtime, or no `mksquashfs`.
    """
    runtime, squash = _runtime(payload.project), _squash()
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".appimage-") as temporary:
        folder = Path(temporary, "folder")
        _lay_out(payload, folder)
        image = Path(temporary, "image")
        command = [
            squash, str(folder), str(image), "-quiet", "-no-progress", "-root-owned", "-noappend",
            "-comp", "gzip", "-Xcompression-level", str(max(1, level)),
            "-all-time", str(date()), "-mkfs-time", str(date()),
        ]  # fmt: skip
        env = {it: value for it, value in os.environ.items() if it != "SOURCE_DATE_EPOCH"}
        done = subprocess.run(command, check=False, text=True, capture_output=True, env=env)
        if done.returncode != 0:
            raise BuildError(f"`mksquashfs` failed: {done.stderr.strip()}")
        with file.open("wb") as stream:
            stream.write(runtime)
            stream.write(image.read_bytes())
    file.chmod(0o755)


def _squash() -> str:
    squash = shutil.which("mksquashfs")
    if squash is None:
        raise BuildError("an AppImage needs `mksquashfs`: run `apt install squashfs-tools`")
    return squash


def _runtime(project: AppProject) -> bytes:
    named = project.appimage_runtime
    if not named:
        raise BuildError(
            "an AppImage begins with a runtime, which is not part of Transom: download the one "
            "for this processor from the releases of `AppImage/type2-runtime`, and name it by "
            "`appimage-runtime` in `[tool.transom.build]`. Or build a `tar.xz`"
        )
    file = project.root / named
    if not file.is_file() or not elf.is_elf(file) or file.read_bytes()[8:11] != MARK:
        raise BuildError(f"`appimage-runtime` names {file}, which is no runtime of AppImages")
    return file.read_bytes()


def _lay_out(payload: Payload, folder: Path) -> None:
    """What the file holds: the payload, its start, and what the desktop reads, at the top."""
    project = payload.project
    shutil.copytree(payload.folder, folder / "app", symlinks=True)
    for it in files(project, project.name):
        to = folder / "usr" / "share" / it.path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(it.data)
    entry = folder / "usr" / "share" / "applications" / f"{project.identifier}.desktop"
    shutil.copyfile(entry, folder / entry.name)
    icons = sorted(folder.glob("usr/share/icons/hicolor/*/apps/*"), key=_width)
    icon = icons[-1]
    shutil.copyfile(icon, folder / icon.name)
    (folder / ".DirIcon").symlink_to(icon.name)
    (folder / "AppRun").symlink_to(f"app/{project.name}")


def _width(icon: Path) -> int:
    size = icon.parent.parent.name.partition("x")[0]
    return int(size) if size.isdigit() else 0
