"""Finds out which files import which: of the crate, of the package and of the page's client.

Read from their text, as a newcomer would. A name that is handed on (`pub use`, `__init__`) counts
as an import of the file that defines it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]

Graph = dict[str, set[str]]
"""By file: the files that it imports."""


def circles(graph: Graph) -> list[list[str]]:
    """Groups of files that each reach every other one of their group (Tarjan's algorithm)."""
    found: list[list[str]] = []
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in order:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], order[other])
        if lowest[node] == order[node]:
            at = stack.index(node)
            group, stack[at:] = sorted(stack[at:]), []
            if len(group) > 1:
                found.append(group)

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found


# Python.


def python_graph(package: Path) -> Graph:
    """Of a package that imports itself by relative imports only."""
    modules = {_dotted(file, package): file for file in package.rglob("*.py")}
    return {
        name: {target for target in _imported(name, file, set(modules)) if target != name}
        for name, file in modules.items()
    }


def _dotted(file: Path, package: Path) -> str:
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, file: Path, modules: set[str]) -> Iterator[str]:
    parts = name.split(".")
    folder = parts if file.name == "__init__.py" else parts[:-1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = folder[: len(folder) - node.level + 1]
            base = [*base, *(node.module.split(".") if node.module else ())]
            for alias in node.names:
                longer, shorter = ".".join([*base, alias.name]), ".".join(base)
                yield from [it for it in (longer, shorter) if it in modules][:1]


# TypeScript.


def typescript_graph(folder: Path) -> Graph:
    graph: Graph = {}
    for file in folder.rglob("*.ts"):
        paths = re.findall(r'from "(\.{1,2}/[\w/.-]+)\.js"', file.read_text())
        found = ((file.parent / f"{path}.ts").resolve() for path in paths)
        graph[str(file.relative_to(folder))] = {str(it.relative_to(folder)) for it in found}
    return graph


# Rust.

NAME = r"(?:r#)?[A-Za-z_]\w*"
DECLARED = re.compile(
    rf"^((?:[ \t]*#\[.*\]\n)*)[ \t]*(?:pub(?:\(.*?\))? )?mod ({NAME});", re.MULTILINE
)
USED = re.compile(r"^([ \t]*)(pub(?:\(.*?\))? )?use ([^;]+);", re.MULTILINE)
INLINE = re.compile(r"^#\[cfg\(.*test.*\)\]\nmod \w+ \{.*?^\}", re.MULTILINE | re.DOTALL)
VISIBILITY = re.compile(r"pub\(in [\w:]+\)")
PATHS = re.compile(rf"(?<![\w:])(?:crate|super|self)(?:::{NAME})+")

Path_ = tuple[str, ...]


class Crate:
    """The modules of a crate without its tests."""

    def __init__(self, root: Path) -> None:
        self.texts: dict[Path_, str] = {}
        self.files: dict[Path_, Path] = {}
        self._handed_on: dict[Path_, Path_] = {}
        self._read((), root)
        for module in self.texts:
            for public, path in self._uses(module):
                if public:
                    self._handed_on[(*module, path[-1])] = path

    def _read(self, module: Path_, file: Path) -> None:
        text = INLINE.sub("", re.sub(r"^\s*//.*$", "", file.read_text(), flags=re.MULTILINE))
        text = VISIBILITY.sub("pub(crate)", text)
        self.texts[module], self.files[module] = text, file
        at_top = file.name in ("lib.rs", "mod.rs")
        folder = file.parent if at_top else file.parent / file.stem
        for found in DECLARED.finditer(text):
            if "test" in found[1]:
                continue
            flat, deep = folder / f"{found[2]}.rs", folder / found[2] / "mod.rs"
            self._read((*module, found[2]), flat if flat.exists() else deep)

    def _uses(self, module: Path_) -> Iterator[tuple[bool, Path_]]:
        """What its `use` declarations name, and whether they hand it on."""
        for found in USED.finditer(self.texts[module]):
            for path in _leaves(found[3]):
                if (whole := self._whole(path, module)) is not None:
                    yield bool(found[2]), whole

    def _whole(self, path: Path_, module: Path_) -> Path_ | None:
        """A path from the crate's root. `None`: it belongs to another crate."""
        head, *rest = path
        if head == "crate":
            return tuple(rest)
        if head == "self":
            return (*module, *rest)
        if head == "super":
            while rest and rest[0] == "super":
                rest, module = rest[1:], module[:-1]
            return (*module[:-1], *rest)
        return (*module, *path) if (*module, head) in self.texts else None

    def _definer(self, path: Path_) -> Path_:
        """The module that defines what `path` names."""
        for _ in range(8):
            ends = (n for n in range(len(path), 0, -1) if path[:n] in self._handed_on)
            if (end := next(ends, None)) is None:
                break
            path = (*self._handed_on[path[:end]], *path[end:])
        return next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.texts)

    def graph(self) -> Graph:
        graph: Graph = {}
        for module, text in self.texts.items():
            named = [path for public, path in self._uses(module) if not public]
            rest = USED.sub("", text)
            paths = (self._whole(tuple(it.split("::")), module) for it in PATHS.findall(rest))
            definers = {self._definer(path) for path in (*named, *filter(None, paths))}
            # A folder's own text only declares and hands on.
            graph["::".join(module)] = {"::".join(it) for it in definers if it and it != module}
        return graph


def _leaves(tree: str) -> list[Path_]:
    """The paths of a `use` tree: `a::{b, c::*}` is `a::b` and `a::c`."""
    tokens = re.findall(rf"{NAME}|[{{}},*]", tree)
    found: list[Path_] = []

    def walk(prefix: Path_) -> None:
        path = prefix
        while tokens and tokens[0] not in ",}":
            token = tokens.pop(0)
            if token == "{":
                while tokens[0] != "}":
                    walk(path)
                    if tokens[0] == ",":
                        tokens.pop(0)
                tokens.pop(0)
                return
            if token == "as":
                tokens.pop(0)
            elif token not in ("*", "self") or not path:
                path = (*path, token)
        found.append(path)

    walk(())
    return found


def rust_graph(root: Path) -> Graph:
    return Crate(root).graph()
