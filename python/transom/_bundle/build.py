"""Builds an app: from its folder to finished files, or to nothing."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

from .._native import context_factory
from .._project.configuration import ConfigTable, look, texts
from . import desktop, packages, payload, project
from .errors import BuildError
from .formats import app, appimage, deb, dmg, nsis, tar_xz
from .formats.signing import Signing
from .payload import Payload, Say
from .project import AppProject


class Writer(Protocol):
    """A module of `formats`."""

    SYSTEM: str
    """Where files of this kind are written, and what for, as `sys.platform` names it."""

    def check(self, project: AppProject, /) -> None:
        """Refuses, before anything is copied, what would fail."""
        ...

    def name(self, payload: Payload, /) -> str:
        """The name of the file."""
        ...

    def write(self, payload: Payload, file: Path, level: int, /) -> None:
        """Writes the file. `level`: how well it is compressed, from 0 to 9."""
        ...


FORMATS: dict[str, Writer] = {
    "deb": cast("Writer", deb),
    "tar.xz": cast("Writer", tar_xz),
    "appimage": cast("Writer", appimage),
    "app": cast("Writer", app),
    "dmg": cast("Writer", dmg),
    "nsis": cast("Writer", nsis),
}
SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
ELSEWHERE = {"msi": "Windows", "rpm": "Fedora"}


@dataclass(frozen=True)
class BuildOptions:
    """What is asked for on the command line."""

    formats: Sequence[str] = ()
    """None: those of `bundle.targets` that can be written here, else all."""
    output: Path = Path("dist")
    level: int = 6
    sign: str | None = None


def build(folder: Path, options: BuildOptions, say: Say) -> list[Path]:
    """Builds the app of a folder and returns the finished files.

    Either all files are written, or none.

    Raises:
        BuildError: The app cannot be built. The text says what to do.
    """
    found = project.read(folder)
    writers = _writers(found, options.formats)
    _check(found, writers)
    output = options.output.absolute()
    with _complaining(output):
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=output) as temporary:
            _before(found, say)
            made = replace(
                payload.make(found, Path(temporary, "payload"), output, say),
                signing=Signing(options.sign or found.sign, say),
            )
            for warning in made.warnings:
                say(f"warning: {warning}")
            if sys.platform == "linux":
                say(f"takes of the system: {', '.join(made.asked.libraries)}")
                say(f"runs with glibc {made.asked.floor} or newer")
            finished = Path(temporary, "finished")
            finished.mkdir()
            for writer in writers:
                file = finished / writer.name(made)
                say(f"writing {file.name}")
                writer.write(made, file, options.level)
                made.signing.sign(file)
            return _moved(finished, output, Path(temporary, "replaced"))


def _writers(found: AppProject, asked: Sequence[str]) -> list[Writer]:
    here = {name: it for name, it in FORMATS.items() if sys.platform == it.SYSTEM}
    names = list(dict.fromkeys(it.strip().lower().lstrip(".") for it in asked))
    if not names:
        targets = look(found.config, "bundle", "targets")
        chosen = [] if targets == "all" else texts(targets, "bundle.targets")
        possible = [it for it in here if it != "appimage" or found.appimage_runtime]
        names = [it for it in chosen if it in possible] or possible
    there = ", ".join(f"`{it}`" for it in here)
    for name in names:
        if name in ELSEWHERE:
            raise BuildError(
                f"the format `{name}`, of {ELSEWHERE[name]}, cannot be written yet: "
                f"there are {there}"
            )
        if name not in FORMATS:
            raise BuildError(f"there is no format `{name}`: there are {there}")
        if name not in here:
            system = SYSTEMS[FORMATS[name].SYSTEM]
            raise BuildError(
                f"`{name}` is for {system}, whose Python goes into it: run `transom build` on "
                f"{system}. Here there are {there}"
            )
    if not names:
        raise BuildError(f"apps are built on {', '.join(SYSTEMS.values())}, not on {sys.platform}")
    return [FORMATS[it] for it in names]


def _check(found: AppProject, writers: Sequence[Writer]) -> None:
    """Looks for what is wrong before anything is copied.

    The configuration and the capabilities are read as the app will.
    """
    try:
        context_factory(found.configured, dev=False)
    except (ValueError, TypeError) as error:
        raise BuildError(f"the app's configuration is wrong: {error}") from error
    desktop.files(found, found.name)
    for writer in writers:
        writer.check(found)
    if found.lock is None:
        packages.needed(found.requirements)


def _before(found: AppProject, say: Say) -> None:
    """Runs `build.beforeBuildCommand`, which makes the pages."""
    given: Any = look(found.config, "build", "beforeBuildCommand")
    command, folder = given, found.configured
    if isinstance(given, dict):
        given = cast("ConfigTable", given)
        command, folder = given.get("script"), folder / str(given.get("cwd") or ".")
    if not command:
        return
    say(f"running {command}")
    if subprocess.run(str(command), shell=True, cwd=folder, check=False).returncode != 0:
        raise BuildError(f"`build.beforeBuildCommand` failed, see above: {command}")


def _moved(finished: Path, output: Path, replaced: Path) -> list[Path]:
    moved: list[Path] = []
    for file in sorted(finished.iterdir()):
        to = output / file.name
        if to.is_dir() and not to.is_symlink():
            # A folder takes the place of no other one that has something in it.
            to.replace(replaced)
            replaced = replaced.with_suffix(".next")
        file.replace(to)
        moved.append(to)
    return moved


@contextmanager
def _complaining(output: Path) -> Generator[None]:
    """Says what to do about a disk that is full, or may not be written to."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        number = error.errno if error.errno is not None else _number(error)
        if number in {errno.ENOSPC, errno.EDQUOT}:
            raise BuildError(
                f"the disk of {output} is full: make room, or name another folder by `--output`"
            ) from error
        if number in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise BuildError(
                f"{error.filename or output} may not be written or read: name another folder by "
                f"`--output`, or change its permissions ({os.strerror(number)})"
            ) from error
        if number in {errno.EEXIST, errno.ENOTDIR} and not output.is_dir():
            raise BuildError(
                f"{output} is no folder, and none can be made there: name another one by `--output`"
            ) from error
        raise BuildError(f"the app could not be built: {error}") from error


def _number(error: OSError) -> int | None:
    """What went wrong with the first of several files that were to be copied."""
    text = str(error)
    return next((it for it in (errno.ENOSPC, errno.EACCES) if os.strerror(it) in text), None)
