"""Writes a package of Debian and Ubuntu."""

import hashlib
import io
import lzma
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from .. import licences
from ..binaries import libraries
from ..desktop import files
from ..errors import BuildError
from ..payload import Payload
from ..project import AppProject
from . import members
from .members import ArchiveMember

ARCHITECTURES = {
    "x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "i686": "i386", "ppc64le": "ppc64el",
    "riscv64": "riscv64", "s390x": "s390x",
}  # fmt: skip
SYSTEM = "linux"
RECOMMENDED = ["xdg-utils"]
"""What some plugins start, like `opener`."""


def check(_project: AppProject) -> None:
    """Whether the system can write it: always."""


def name(payload: Payload) -> str:
    """The name of the file."""
    project = payload.project
    return f"{project.name}_{_version(project.version)}_{_architecture()}.deb"


def write(payload: Payload, file: Path, level: int) -> None:
    """Writes the file.

    Raises:
        BuildError: It is not known which package has a library that the app needs.
    """
    contents = _contents(payload)
    control = [
        ArchiveMember("control", _control(payload, contents).encode()),
        ArchiveMember("md5sums", _sums(contents).encode()),
    ]
    small = io.BytesIO()
    with lzma.open(small, "wb", preset=level) as stream:
        members.write_tar(stream, control, top="./")
    data = file.with_suffix(".data")
    try:
        with lzma.open(data, "wb", preset=level) as stream:
            members.write_tar(stream, contents, top="./")
        with file.open("wb") as archive:
            archive.write(b"!<arch>\n")
            _member(archive, "debian-binary", io.BytesIO(b"2.0\n"), 4)
            _member(archive, "control.tar.xz", io.BytesIO(small.getvalue()), len(small.getvalue()))
            with data.open("rb") as stream:
                _member(archive, "data.tar.xz", stream, data.stat().st_size)
    finally:
        data.unlink(missing_ok=True)


def _contents(payload: Payload) -> list[ArchiveMember]:
    project = payload.project
    home, doc = f"usr/lib/{project.name}", f"usr/share/doc/{project.name}"
    copyright_text = licences.together(payload.licences)
    return members.whole(
        [
            *members.below(payload.folder, home),
            *members.shared("usr/share", files(project, project.name)),
            ArchiveMember(f"usr/bin/{project.name}", link=f"../lib/{project.name}/{project.name}"),
            ArchiveMember(f"{doc}/copyright", copyright_text.encode()),
        ]
    )


def _control(payload: Payload, contents: Iterable[ArchiveMember]) -> str:
    project = payload.project
    found, unknown = libraries.depends(payload.asked)
    if unknown and not project.depends:
        raise BuildError(
            f"it is not known which package of Debian has {', '.join(unknown)}: name it in "
            "`depends` of `[tool.transom.build]`, or build without `deb`"
        )
    # Kilobytes, as the policy of Debian counts them.
    size = sum(-(-it.size // 1024) if it.source is not None else 1 for it in contents)
    maintainer = project.author if "<" in project.author else f"{project.author} <nobody@localhost>"
    lines = [
        f"Package: {project.name}",
        f"Version: {_version(project.version)}",
        f"Architecture: {_architecture()}",
        f"Maintainer: {maintainer}",
        f"Installed-Size: {size}",
        f"Depends: {', '.join(dict.fromkeys([*found, *project.depends]))}",
        f"Recommends: {', '.join(RECOMMENDED)}",
        "Section: misc",
        "Priority: optional",
        *([f"Homepage: {project.homepage}"] if project.homepage else []),
        f"Description: {' '.join(project.description.split())}",
        f" {project.title} with its own Python {'{}.{}.{}'.format(*sys.version_info)}.",
    ]
    return "\n".join([*lines, ""])


def _sums(contents: Iterable[ArchiveMember]) -> str:
    files_only = [it for it in contents if it.source is not None]
    sums = (
        (hashlib.md5(it.read(), usedforsecurity=False).hexdigest(), it.path) for it in files_only
    )
    return "".join(f"{digest}  {path}\n" for digest, path in sums)


def _version(version: str) -> str:
    """The version for dpkg: `1.0.0-beta.1` comes before `1.0.0`."""
    return version.replace("-", "~")


def _architecture() -> str:
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def _member(archive: IO[bytes], member: str, data: IO[bytes], size: int) -> None:
    """Writes a member of an `ar` archive."""
    head = f"{member:<16}{members.date():<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n"
    archive.write(head.encode())
    while block := data.read(1 << 20):
        archive.write(block)
    if size % 2:
        archive.write(b"\n")
