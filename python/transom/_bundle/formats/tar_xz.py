"""Writes a `.tar.xz`: a folder to unpack anywhere, with a launcher in it."""

import lzma
import platform
from pathlib import Path

from ..desktop import files
from ..payload import Payload
from ..project import AppProject
from . import members

SYSTEM = "linux"


def check(_project: AppProject) -> None:
    """Whether the system can write it: always."""


def name(payload: Payload) -> str:
    """The name of the file."""
    project = payload.project
    return f"{project.name}-{project.version}-linux-{platform.machine()}.tar.xz"


def write(payload: Payload, file: Path, level: int) -> None:
    """Writes the file."""
    project = payload.project
    top = f"{project.name}-{project.version}"
    share = members.shared(f"{top}/share", files(project, project.name))
    everything = members.whole([*members.below(payload.folder, top), *share])
    with lzma.open(file, "wb", preset=level) as stream:
        members.write_tar(stream, everything)
