"""Finds out which modules of an app have to be imported anew when files have changed.

Nothing here imports anything: it reads the sources.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import TransomError

MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module that was imported from a file of the app."""

    name: str
    file: Path
    package: str
    """The package that its relative imports begin with."""


class RestartError(TransomError):
    """This change cannot be swapped in. The text says why."""


def imports_of(text: str | bytes, package: str, known: Iterable[str]) -> set[str]:
    """The names in `known` that a module imports while it is imported itself.

    An import inside a function finds the new module by itself.

    Raises:
        SyntaxError: The text is no Python.
    """
    names = set(known)
    found = set[str]()
    for node in _statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
            continue
        base = _base(node, package)
        for alias in node.names:
            below = f"{base}.{alias.name}"
            # A module of a package is what is imported, and not the package.
            found.add(below if below in names else base)
    return found & names


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and _is_for_types(child.test):
            for other in child.orelse:
                yield from _statements(ast.Module([other], []))
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _statements(child)


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


class Graph:
    """Which module of the app imports which others."""

    def __init__(self, imports: Mapping[str, set[str]]) -> None:
        self._imports = imports

    def reaches(self, names: Iterable[str]) -> set[str]:
        """These modules, and all that they import, directly or not."""
        found, waiting = set[str](), list(names)
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting += self._imports.get(name, ())
        return found

    def importers(self, name: str) -> set[str]:
        return {it for it, imported in self._imports.items() if name in imported}

    def stale(self, changed: Iterable[str], owners: Mapping[str, bool]) -> set[str]:
        """The modules to import anew: those that have changed, and what imports them.

        `owners` are the modules that have made a registry of commands, each with whether it
        registers something itself. One that has not changed stays, with its importers; where it
        registers something, it is imported anew, and its importers stay.

        Raises:
            RestartError: The main module has changed, or has to be imported anew.
        """
        changed = set(changed)
        if MAIN in changed:
            raise RestartError("the main module has changed")
        found, waiting = set[str](), sorted(changed)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            if name in owners and name not in changed:
                continue  # the commands stay the same object for what imports them
            for importer in sorted(self.importers(name)):
                if importer == MAIN and owners.get(MAIN):
                    raise RestartError(
                        f"the main module registers commands, and uses `{name}`, which is new"
                    )
                if importer == MAIN or (importer not in changed and owners.get(importer) is False):
                    continue
                waiting.append(importer)
        return found
