"""Writes an installer for Windows, by NSIS, which also makes the program that starts the app.

Tried on a made-up payload only.
"""

import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ..._project.configuration import look
from ..errors import BuildError
from ..payload import Payload
from ..project import AppProject
from . import icons, nsis_script
from .members import date
from .nsis_script import Installer

SYSTEM = "win32"
ARCHITECTURES = {"amd64": "x64", "x86_64": "x64", "arm64": "arm64", "x86": "x86"}
"""As Tauri names the files."""
MODES = ("currentUser", "perMachine")
PLACES = ("ProgramFiles(x86)", "ProgramFiles")
"""The variables that name the folders where NSIS is installed to, without a path to it."""


def check(project: AppProject) -> None:
    """Looks for NSIS, the icon and what the configuration says of the installer.

    Raises:
        BuildError: Something is missing or wrong.
    """
    _makensis()
    icons.ico(project)
    _mode(project)
    _licence(project)


def name(payload: Payload) -> str:
    """The name of the file."""
    project, machine = payload.project, platform.machine().lower()
    return f"{project.name}_{project.version}_{ARCHITECTURES.get(machine, machine)}-setup.exe"


def write(payload: Payload, file: Path, level: int) -> None:
    """Writes the file.

    Raises:
        BuildError: There is no NSIS, or it fails.
    """
    project, makensis = payload.project, _makensis()
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".nsis-") as temporary:
        home = Path(temporary)
        icon = home / "icon.ico"
        icon.write_bytes(icons.ico(project))
        program = home / f"{project.name}.exe"
        _run(makensis, home / "launcher.nsi", nsis_script.launcher(project, icon, program))
        payload.signing.sign(program)
        installer = Installer(
            project=project,
            payload=payload.folder,
            program=program,
            icon=icon,
            file=file,
            per_machine=_mode(project) == "perMachine",
            licence=_licence(project),
            level=level,
            sign=payload.signing.line("%1") if payload.signing.command else None,
        )
        _run(makensis, home / "installer.nsi", nsis_script.installer(installer))


def _run(makensis: str, file: Path, script: str) -> None:
    # The mark says that the text is UTF-8.
    file.write_text(script, encoding="utf-8-sig")
    command = [makensis, "-V2", "-NOCD", str(file)]
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(date())}
    done = subprocess.run(
        command, check=False, text=True, capture_output=True, env=env, errors="replace"
    )
    if done.returncode != 0:
        said = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-8:])
        raise BuildError(f"`makensis` failed:\n{said}")


def _makensis() -> str:
    found = shutil.which("makensis")
    for variable in PLACES:
        folder = os.environ.get(variable)
        if found is None and folder:
            found = shutil.which("makensis", path=str(Path(folder, "NSIS")))
    if found is None:
        raise BuildError(
            "an installer for Windows is written by NSIS: run `winget install NSIS.NSIS`, and "
            "open a new terminal"
        )
    return found


def _of_windows(project: AppProject, key: str) -> Any:
    return look(project.config, "bundle", "windows", "nsis", key)


def _mode(project: AppProject) -> str:
    mode = _of_windows(project, "installMode") or MODES[0]
    if mode not in MODES:
        raise BuildError(
            f"`bundle.windows.nsis.installMode` is `{mode}`: there are {' and '.join(MODES)}"
        )
    return mode


def _licence(project: AppProject) -> Path | None:
    named = look(project.config, "bundle", "licenseFile")
    if not named:
        return None
    file = project.configured / str(named)
    if not file.is_file():
        raise BuildError(f"`bundle.licenseFile` names {file}, which is not there")
    return file
