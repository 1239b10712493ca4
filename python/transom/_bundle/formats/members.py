"""Lists what goes into an archive, and writes archives that are the same each time."""

import io
import os
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ..desktop import DesktopFile

LONG_AGO = 946684800
"""The date of all files, the first of January 2000, without `SOURCE_DATE_EPOCH`."""


def date() -> int:
    """The date of all files in an archive, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdigit() else LONG_AGO


@dataclass(frozen=True)
class ArchiveMember:
    """A file, a folder or a link of an archive."""

    path: str
    """From the archive's top on, without a slash before or after it."""
    source: Path | bytes | None = None
    """Its contents. `None`: it is a folder, or a link."""
    mode: int = 0o644
    link: str | None = None

    def read(self) -> bytes:
        """The contents."""
        return self.source.read_bytes() if isinstance(self.source, Path) else self.source or b""

    @property
    def size(self) -> int:
        """Bytes of the contents."""
        if isinstance(self.source, Path):
            return self.source.stat().st_size
        return len(self.source or b"")


def below(folder: Path, prefix: str) -> list[ArchiveMember]:
    """All that is in a folder, as it goes below `prefix`."""
    found: list[ArchiveMember] = []
    for path in folder.rglob("*"):
        name = f"{prefix}/{path.relative_to(folder).as_posix()}"
        if path.is_symlink():
            found.append(ArchiveMember(name, link=os.readlink(path)))  # noqa: PTH115 - as it is written
        elif path.is_file():
            executable = path.stat().st_mode & 0o100
            found.append(ArchiveMember(name, path, 0o755 if executable else 0o644))
    return found


def shared(prefix: str, files: Iterable[DesktopFile]) -> list[ArchiveMember]:
    """What the desktop reads, as it goes below `prefix`."""
    return [ArchiveMember(f"{prefix}/{it.path}", it.data) for it in files]


def whole(members: Iterable[ArchiveMember]) -> list[ArchiveMember]:
    """The members with the folders that they are in, in their order."""
    found = {it.path: it for it in members}
    for path in list(found):
        for parent in PurePosixPath(path).parents:
            if parent.name:
                found.setdefault(str(parent), ArchiveMember(str(parent), mode=0o755))
    return [found[it] for it in sorted(found)]


def write_tar(stream: IO[bytes], members: Iterable[ArchiveMember], *, top: str = "") -> None:
    """Writes a tar archive whose files belong to root. `top`: goes before each path."""
    # Names of any length and any characters, in the form that dpkg reads too.
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        for member in members:
            head = tarfile.TarInfo(top + member.path)
            head.mode, head.mtime = member.mode, date()
            head.uname = head.gname = "root"
            if member.link is not None:
                head.type, head.linkname, head.mode = tarfile.SYMTYPE, member.link, 0o777
                archive.addfile(head)
            elif member.source is None:
                head.type = tarfile.DIRTYPE
                archive.addfile(head)
            else:
                data = member.read()
                head.size = len(data)
                archive.addfile(head, io.BytesIO(data))
