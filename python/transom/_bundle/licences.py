"""Collects the licences of the interpreter, of the packages and of the app."""

import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from .packages import Package
from .project import AppProject

NAMED = re.compile(r"(licen[cs]e|copying|notice|copyright|authors)", re.IGNORECASE)


def collect(
    project: AppProject, packages: Iterable[Package], site: Path, library: Path, target: Path
) -> None:
    """Writes the licences into `target`, and a list of them, `index.txt`."""
    target.mkdir(parents=True)
    version = ".".join(map(str, sys.version_info[:3]))
    lines = [
        f"{project.title} {project.version}: {project.licence or 'see its author'}",
        f"CPython {version}: PSF-2.0",
    ]
    for file in [*sorted(project.root.glob("LICEN[CS]E*")), *sorted(project.root.glob("COPYING*"))]:
        _copy(file, target / project.name / file.name)
    for file in _of_the_interpreter(library):
        _copy(file, target / "cpython" / file.name)
    for package in packages:
        lines.append(f"{package.name} {package.version}: {package.licence or 'see its files'}")
        for file in _of_package(package, site):
            _copy(file, target / package.name / file.name)
    (target / "index.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _of_the_interpreter(library: Path) -> list[Path]:
    """The licence that came with the interpreter, or with the package of the system."""
    version = "{}.{}".format(*sys.version_info)
    usual = [library / "LICENSE.txt", Path(f"/usr/share/doc/python{version}/copyright")]
    return [it for it in usual if it.is_file()][:1]


def _of_package(package: Package, site: Path) -> list[Path]:
    found: list[Path] = []
    for file in package.distribution.files or []:
        if ".dist-info" in file.parts[0] and NAMED.search(file.name):
            copied = site / file
            found.extend([copied] if copied.is_file() else [])
    if not found:
        for folder in site.glob("*.dist-info"):
            name = folder.name.partition("-")[0].replace("_", "-").lower()
            if name == package.name:
                found.extend(
                    it for it in folder.rglob("*") if it.is_file() and NAMED.search(it.name)
                )
    return sorted(found)


def _copy(file: Path, to: Path) -> None:
    if file.is_file():
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)


def together(folder: Path) -> str:
    """All licences below the folder as one text."""
    parts = [(folder / "index.txt").read_text(encoding="utf-8")]
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != "index.txt":
            text = file.read_text(encoding="utf-8", errors="replace")
            parts.append(f"{'=' * 80}\n{file.relative_to(folder)}\n{'=' * 80}\n{text.rstrip()}\n")
    return "\n".join(parts)
