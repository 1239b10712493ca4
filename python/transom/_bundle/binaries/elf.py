"""Reads what a program or a library asks of the system, and changes where it looks first."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

MAGIC = b"\x7fELF"


@dataclass(frozen=True)
class Binary:
    """A program or a library."""

    file: Path
    soname: str | None
    needed: tuple[str, ...]
    glibc: tuple[int, ...]
    """The newest version of glibc of which it uses something. `()`: of none."""
    runpath: str | None


def is_elf(file: Path) -> bool:
    """Whether the file is in the format of Linux's programs and libraries."""
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(4) == MAGIC


def read(file: Path) -> Binary | None:
    """What the file asks for. `None`: it is damaged, or something that is not loaded."""
    try:
        with _opened(file) as elf:
            return Binary(file, *_dynamic(elf), _glibc(elf), _runpath(elf))
    except (ELFError, ValueError, AttributeError):
        return None


@contextmanager
def _opened(file: Path) -> Generator[Any]:
    with file.open("rb") as stream:
        yield _file(stream)


def _file(stream: IO[bytes]) -> Any:
    return ELFFile(stream)


def _tags(elf: Any) -> Iterator[Any]:
    for segment in elf.iter_segments("PT_DYNAMIC"):
        yield from segment.iter_tags()


def _dynamic(elf: Any) -> tuple[str | None, tuple[str, ...]]:
    soname, needed = None, list[str]()
    for tag in _tags(elf):
        if tag.entry.d_tag == "DT_SONAME":
            soname = str(tag.soname)
        elif tag.entry.d_tag == "DT_NEEDED":
            needed.append(str(tag.needed))
    return soname, tuple(needed)


def _glibc(elf: Any) -> tuple[int, ...]:
    section = elf.get_section_by_name(".gnu.version_r")
    newest: tuple[int, ...] = ()
    for _, versions in section.iter_versions() if section else ():
        for version in versions:
            kind, _, number = str(version.name).partition("_")
            if kind == "GLIBC" and number.replace(".", "").isdigit():
                newest = max(newest, tuple(map(int, number.split("."))))
    return newest


def _runpath(elf: Any) -> str | None:
    for tag in _tags(elf):
        if tag.entry.d_tag in {"DT_RUNPATH", "DT_RPATH"}:
            return str(getattr(tag, "runpath", None) or tag.rpath)
    return None


def set_runpath(file: Path, path: str) -> bool:
    """Replaces where the file looks first for its libraries. False: there is no room for it.

    The new text takes the place of the old one, so it must not be longer.
    """
    data = file.read_bytes()
    elf = _file(BytesIO(data))
    for tag in _tags(elf):
        if tag.entry.d_tag not in {"DT_RUNPATH", "DT_RPATH"}:
            continue
        old, new = str(getattr(tag, "runpath", None) or tag.rpath).encode(), path.encode()
        table = next(it.entry.d_ptr for it in _tags(elf) if it.entry.d_tag == "DT_STRTAB")
        at = next(iter(elf.address_offsets(table))) + tag.entry.d_val
        if len(new) > len(old) or data[at : at + len(old)] != old:
            return False
        file.write_bytes(data[:at] + new.ljust(len(old), b"\0") + data[at + len(old) :])
        return True
    return False
