"""Puts a payload together: the app, its packages, its interpreter and a launcher in one folder.

On macOS and Windows the writers add the launcher: it is a part of a bundle, or a program.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import compiling, interpreter, launcher, licences, packages, sources
from .binaries import libraries
from .binaries.libraries import Asked
from .errors import BuildError
from .formats.signing import Signing
from .project import AppProject

Say = Callable[[str], None]


@dataclass(frozen=True)
class Payload:
    """A folder that can be moved anywhere, and what it needs."""

    project: AppProject
    folder: Path
    asked: Asked
    warnings: list[str] = field(default_factory=list[str])
    signing: Signing = field(default_factory=Signing)
    """Signs what goes into a file. The file itself is signed when it is finished."""

    @property
    def licences(self) -> Path:
        """The folder of all licences."""
        return self.folder / "licences"


def make(project: AppProject, folder: Path, output: Path, say: Say) -> Payload:
    """Makes the payload in a folder that is not there yet.

    Raises:
        BuildError: Something is missing, or wrong.
    """
    folder.mkdir(parents=True)
    say("copying the interpreter")
    runtime = interpreter.copy(folder / "runtime", project.name)
    warnings = list(runtime.warnings)
    runtime.packages.mkdir(parents=True, exist_ok=True)
    found = _packages(project, runtime.packages)
    say(f"copied {len(found)} packages: {', '.join(f'{it.name} {it.version}' for it in found)}")
    count = sources.copy(project, folder / "app", output)
    say(f"copied {count} files of the app")
    _add_path(project, runtime.packages, folder / "app")
    say("compiling")
    try:
        broken = compiling.compile_all(runtime.program, folder)
    except RuntimeError as error:
        raise BuildError(f"{error}: use another Python to build") from error
    warnings += [
        f"{it} is no Python that can be compiled" for it in broken if it.startswith("app/")
    ]
    licences.collect(project, found, runtime.packages, runtime.library, folder / "licences")
    if sys.platform == "linux":
        launcher.write(folder / project.name, project, launcher.HERE)
    _check(runtime.program, folder)
    return Payload(project, folder, libraries.asked_by(folder), warnings)


def _packages(project: AppProject, target: Path) -> list[packages.Package]:
    if project.lock is None:
        found = packages.needed(project.requirements)
        for package in found:
            packages.copy(package, target)
        return found
    locked = packages.install(project.lock, target)
    if packages.OWN not in {it.name for it in locked}:
        own = [it for it in packages.needed([]) if it.name == packages.OWN]
        packages.copy(own[0], target)
        locked += own
    return locked


def _add_path(project: AppProject, site: Path, app: Path) -> None:
    """Has every process of the bundle find the app's modules, by a path from its packages on."""
    places = [app / it for it in ("", "src", "python", "src-tauri") if (app / it).is_dir()]
    up = "/".join([".."] * len(site.relative_to(app.parent).parts))
    lines = [f"{up}/{it.relative_to(app.parent).as_posix()}\n" for it in places]
    (site / f"{project.name}.pth").write_text("".join(lines))


def _check(program: Path, folder: Path) -> None:
    """Starts the copy with an empty environment. It must find all by itself, and nothing else."""
    lines = interpreter.ask(program, "import sys, transom; print(*sys.path, sep='\\n')")
    outside = [it for it in lines if not Path(it).resolve().is_relative_to(folder.resolve())]
    if outside:
        raise BuildError(
            f"the copied interpreter looks for modules in {', '.join(outside)}, outside of the "
            "app. Use one of python-build-standalone, such as `uv python install` brings"
        )
