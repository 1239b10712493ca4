"""Knows the modules that an app has imported from files of its own."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from .graph import MAIN, Graph, ModuleSource, imports_of

OTHERS = {"site-packages", "dist-packages", "node_modules", ".venv", "venv"}
"""Folders with code that is not the app's, also below the app's folder."""


class AppModules:
    """The app's modules, by name and by file."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._places: dict[str, Path | None] = {}
        """The files of modules as links lead to them. `None`: it is not the app's."""
        self._imports: dict[Path, tuple[tuple[int, int], frozenset[str], set[str]]] = {}
        """What a file imports: with its time and size, and with the modules known then."""

    def sources(self) -> dict[str, ModuleSource]:
        """The modules that are imported now, in the order of their imports."""
        found: dict[str, ModuleSource] = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if not isinstance(file, str) or not file.endswith(".py"):
                continue
            if file not in self._places:
                self._places[file] = self._place(Path(file))
            if (path := self._places[file]) is not None:
                found[name] = ModuleSource(name, path, package_of(name, module))
        return found

    def _place(self, file: Path) -> Path | None:
        path = file.resolve()
        if not path.is_relative_to(self._root):
            return None
        return None if OTHERS & set(path.relative_to(self._root).parts) else path

    def graph(self, sources: dict[str, ModuleSource]) -> Graph:
        """What the modules import, by the text of their files now.

        Raises:
            SyntaxError: A file is no Python.
        """
        known = frozenset(sources)
        return Graph({name: self._of(it, known) - {name} for name, it in sources.items()})

    def _of(self, source: ModuleSource, known: frozenset[str]) -> set[str]:
        try:
            about = source.file.stat()
            stamp = (about.st_mtime_ns, about.st_size)
            at, then, found = self._imports.get(source.file, ((0, 0), frozenset(), set()))
            if (at, then) == (stamp, known):
                return found
            text = source.file.read_bytes()
        except FileNotFoundError:
            return set()
        try:
            found = imports_of(text, source.package, known)
        except SyntaxError as error:
            error.filename = str(source.file)
            raise
        except ValueError as error:  # it has a null byte, or its encoding is not that which it says
            raise SyntaxError(str(error), (str(source.file), 1, None, None)) from error
        self._imports[source.file] = (stamp, known, found)
        return found

    def named(self, files: Iterable[Path], sources: dict[str, ModuleSource]) -> set[str]:
        """The names of the modules that come from these files."""
        paths = {it.resolve() for it in files}
        return {name for name, source in sources.items() if source.file in paths}


def package_of(name: str, module: ModuleType) -> str:
    """The package that relative imports of a module begin with."""
    spec = getattr(module, "__spec__", None)
    if spec is not None:
        return str(spec.parent)
    if name == MAIN:
        return str(getattr(module, "__package__", None) or "")
    return name if hasattr(module, "__path__") else name.rpartition(".")[0]
