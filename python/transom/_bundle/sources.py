"""Copies the app's own files into a payload."""

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from .errors import BuildError
from .project import AppProject

NEVER = {"__pycache__", "node_modules", "target"}
NOT_AT_THE_TOP = {"dist", "build", "tests", "test", "docs"}
"""What a project has beside its app."""
MARKS_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")


def copy(project: AppProject, target: Path, output: Path) -> int:
    """Copies what the app needs of its folder to `target`, and returns how many files these are.

    All files are taken, but hidden ones, environments, caches, what is built by other tools, and
    what `exclude` matches. The pages and what `include` matches are taken in any case. Of a folder
    with a `package.json`, which is the source of pages, only the pages are.
    """
    return _Copying(project, target, output.resolve()).run()


class _Copying:
    def __init__(self, project: AppProject, target: Path, output: Path) -> None:
        self._project = project
        self._target = target
        self._output = output
        self._count = 0
        self._on_the_way: list[Path] = []

    def run(self) -> int:
        root = self._project.root
        self._folder(root)
        for page in self._project.pages:
            if not page.exists():
                raise BuildError(
                    f"the pages are not there: `build.frontendDist` names {page}. Build them first"
                )
            self._whole(page)
        for pattern in self._project.include:
            found = sorted(root.glob(pattern))
            if not found:
                raise BuildError(f"`include` has `{pattern}`, which matches nothing in {root}")
            for path in found:
                self._whole(path)
        home = self._target / self._project.configured.relative_to(root)
        for path, name in self._project.resources.items():
            self._resource(path, home / name)
        return self._count

    def _resource(self, path: Path, to: Path) -> None:
        if path.is_dir():
            for below in sorted(path.rglob("*")):
                if below.is_file():
                    self._resource(below, to / below.relative_to(path))
        elif not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)
            self._count += 1

    def _folder(self, folder: Path) -> None:
        real = folder.resolve()
        if real in self._on_the_way or real == self._output:
            return
        self._on_the_way.append(real)
        for path in sorted(folder.iterdir()):
            if self._is_wanted(path):
                if path.is_dir():
                    self._folder(path)
                elif path.is_file():
                    self._file(path)
        self._on_the_way.pop()

    def _is_wanted(self, path: Path) -> bool:
        name, root = path.name, self._project.root
        if name.startswith(".") or name in NEVER or path.suffix in {".pyc", ".pyo"}:
            return False
        relative = path.relative_to(root).as_posix()
        if any(fnmatchcase(relative, it) for it in self._project.exclude):
            return False
        if not path.is_dir():
            return True
        if path.parent == root and name in NOT_AT_THE_TOP and not (path / "__init__.py").exists():
            return False
        if any((path / it).exists() for it in MARKS_OF_ENVIRONMENTS):
            return False
        return not (path / "package.json").is_file() or (path / "__init__.py").is_file()

    def _whole(self, path: Path) -> None:
        """Copies a file or all of a folder, which may be links to others."""
        if not path.is_dir():
            self._file(path)
            return
        for below in sorted(path.rglob("*")):
            if below.is_file() and "__pycache__" not in below.parts:
                self._file(below)

    def _file(self, path: Path) -> None:
        try:
            relative = path.absolute().relative_to(self._project.root)
        except ValueError:
            relative = _inside(path, self._project.root)
        if relative is None:
            raise BuildError(
                f"{path} is outside of the project {self._project.root}: build in the folder that "
                "holds both"
            )
        to = self._target / relative
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)
            self._count += 1


def _inside(path: Path, root: Path) -> Path | None:
    """The path below the root, of one with `..` in it."""
    resolved = path.resolve()
    return resolved.relative_to(root) if resolved.is_relative_to(root) else None
