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

WATCH = "_transom_start"
"""The module of a built app that every start of its interpreter imports."""
WATCHING = '''\
"""Has a start of this app that fails shown. Its interpreter imports this before the app."""

import sys

PROGRAM = {program!r}


def _hook(kind, error, trace):
    sys.__excepthook__(kind, error, trace)
    name = "transom._program.failing"
    if (failing := sys.modules.get(name)) is None:
        # The package may be what cannot be imported.
        from importlib.util import module_from_spec, spec_from_file_location
        from pathlib import Path

        file = Path(__file__).parent.joinpath(*name.split(".")).with_suffix(".py")
        spec = spec_from_file_location(name, file)
        failing = module_from_spec(spec)
        # Where `dataclasses` looks.
        sys.modules[name] = failing
        spec.loader.exec_module(failing)
    failing.report_of_built(error, PROGRAM)


# Its workers, and what it asks of its interpreter, are no starts of the app.
if "transom.launcher" in sys._xoptions:
    sys.excepthook = _hook
'''


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
    _add_watch(project, runtime.packages)
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
    lines.append(f"import {WATCH}\n")
    (site / f"{project.name}.pth").write_text("".join(lines))


def _add_watch(project: AppProject, site: Path) -> None:
    program = {
        "name": project.name,
        "title": " ".join(project.title.split()),
        "identifier": project.identifier,
        "version": project.version,
    }
    (site / f"{WATCH}.py").write_text(WATCHING.format(program=program))


def _check(program: Path, folder: Path) -> None:
    """Starts the copy with an empty environment. It must find all by itself, and nothing else."""
    lines = interpreter.ask(program, "import sys, transom; print(*sys.path, sep='\\n')")
    outside = [it for it in lines if not Path(it).resolve().is_relative_to(folder.resolve())]
    if outside:
        raise BuildError(
            f"the copied interpreter looks for modules in {', '.join(outside)}, outside of the "
            "app. Use one of python-build-standalone, such as `uv python install` brings"
        )
