"""Writes an `.app`: the folder that macOS shows as one program.

Tried on a made-up payload only.
"""

import plistlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..._project.configuration import look
from .. import launcher
from ..errors import BuildError
from ..launcher import Places
from ..payload import Payload
from ..project import AppProject
from . import icons

SYSTEM = "darwin"
OLDEST = "10.13"
"""The macOS that Tauri asks for, where the configuration names none."""
# Older systems have no `readlink -f`.
PLACES = Places("{name}-python", "../Resources/app", '$(cd -P "$(dirname "$0")" && pwd)')
PARTS = ("app", "runtime", "licences")
MACH_O = {bytes.fromhex(it) for it in ("cffaedfe", "cefaedfe", "feedfacf", "feedface")}
FAT, MOST_IN_FAT = bytes.fromhex("cafebabe"), 16
"""Files for several processors begin as classes of Java do, and count few of them."""


def check(project: AppProject) -> None:
    """Looks at the icon, and at the author's `Info.plist`.

    Raises:
        BuildError: One is wrong.
    """
    icons.icns(project)
    info(project)


def name(payload: Payload) -> str:
    """The name of the folder."""
    return re.sub(r"[/:]", "-", payload.project.title) + ".app"


def write(payload: Payload, file: Path, _level: int) -> None:
    """Writes the folder, and signs each program and library in it."""
    project = payload.project
    contents = file / "Contents"
    programs, resources = contents / "MacOS", contents / "Resources"
    programs.mkdir(parents=True)
    for part in PARTS:
        shutil.copytree(payload.folder / part, resources / part, symlinks=True)
    # macOS takes the name, the icon and the rules of the bundle for what runs from here. Python
    # looks for its library where the link leads.
    (programs / f"{project.name}-python").symlink_to(f"../Resources/runtime/bin/{project.name}")
    launcher.write(programs / project.name, project, PLACES)
    (resources / f"{project.name}.icns").write_bytes(icons.icns(project))
    (contents / "Info.plist").write_bytes(plistlib.dumps(info(project)))
    (contents / "PkgInfo").write_bytes(b"APPL????")
    if payload.signing.command:
        for binary in binaries(resources):
            payload.signing.sign(binary)


def info(project: AppProject) -> dict[str, Any]:
    """What macOS wants to know of the app. The author's `Info.plist` adds to it, and replaces."""
    macos: Any = look(project.config, "bundle", "macOS") or {}
    numbers = re.match(r"[0-9]+(\.[0-9]+){0,2}", project.version)
    copyright_text = look(project.config, "bundle", "copyright")
    found: dict[str, Any] = {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleDisplayName": project.title,
        "CFBundleExecutable": project.name,
        "CFBundleIconFile": f"{project.name}.icns",
        "CFBundleIdentifier": project.identifier,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": project.title,
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": project.version,
        "CFBundleVersion": numbers[0] if numbers else "0",
        "LSMinimumSystemVersion": str(look(macos, "minimumSystemVersion") or OLDEST),
        "NSHighResolutionCapable": True,
    }
    if copyright_text:
        found["NSHumanReadableCopyright"] = str(copyright_text)
    if project.schemes:
        row = {"CFBundleURLName": project.identifier, "CFBundleURLSchemes": project.schemes}
        found["CFBundleURLTypes"] = [row]
    if kinds := [it for it in project.associations if it.endings]:
        found["CFBundleDocumentTypes"] = [
            {
                "CFBundleTypeExtensions": it.endings,
                "CFBundleTypeMIMETypes": [it.mime],
                "CFBundleTypeName": it.description or f"{project.title} file",
                "CFBundleTypeRole": "Editor",
            }
            for it in kinds
        ]
    return {**found, **_own_info(project)}


def _own_info(project: AppProject) -> dict[str, Any]:
    """The `Info.plist` beside the configuration, which Tauri takes too."""
    file = project.configured / "Info.plist"
    if not file.is_file():
        return {}
    try:
        found: Any = plistlib.loads(file.read_bytes())
    except Exception as error:  # Whatever the parsers of its two forms raise.
        raise BuildError(f"{file} is no property list: {error}") from error
    if not isinstance(found, dict):
        raise BuildError(f"{file} is to have a dictionary at its top")
    return found  # pyright: ignore[reportUnknownVariableType] - what the author wrote


def binaries(folder: Path) -> Iterator[Path]:
    """The programs and libraries of macOS below a folder, the innermost first."""
    files = [it for it in folder.rglob("*") if it.is_file() and not it.is_symlink()]
    for file in sorted(files, key=lambda it: (-len(it.parts), it)):
        with file.open("rb") as stream:
            head = stream.read(8)
        count = int.from_bytes(head[4:])
        if head[:4] in MACH_O or (head[:4] == FAT and 0 < count <= MOST_IN_FAT):
            yield file
