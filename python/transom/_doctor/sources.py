"""Reads the sources of a project as text: nothing of them is imported or run."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..migrate.project import is_own, read

_ENDINGS = {".py", ".rs", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".html"}
_REGISTERING = {"command", "set_command"}
_DEPTH = 8


@dataclass
class SourceTexts:
    """What is written in the files of a project."""

    texts: dict[Path, str] = field(default_factory=dict[Path, str])
    commands: set[str] = field(default_factory=set[str])
    """The names of the commands that Python registers, as far as they are written down."""
    is_complete: bool = True
    """Whether every registration has its name in the source."""

    def has_label(self, pattern: str) -> bool:
        """Whether a text begins as a label of this pattern does, which may have stars."""
        prefix = re.split(r"[*?\[]", pattern)[0]
        end = "" if prefix != pattern else "[\"'`]"
        written = re.compile(f"[\"'`]{re.escape(prefix)}{end}")
        return any(written.search(text) for text in self.texts.values())


def read_sources(root: Path) -> SourceTexts:
    """The sources below a folder, without what tools have made."""
    found = SourceTexts()
    for file in _files(root):
        text = read(file)
        if text is None:
            continue
        found.texts[file] = text
        if file.suffix == ".py":
            _add_commands(text, found)
    return found


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        is_deep = len(here.relative_to(root).parts) >= _DEPTH
        folders[:] = [] if is_deep else sorted(it for it in folders if is_own(here / it))
        for name in sorted(names):
            if Path(name).suffix in _ENDINGS and not (here / name).is_symlink():
                yield here / name


def _add_commands(text: str, found: SourceTexts) -> None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        found.is_complete = False
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _registers(decorator):
                    found.commands.add(_name_of(decorator) or node.name)
        elif isinstance(node, ast.Call) and _registers(node):
            if (name := _name_of(node)) is not None:
                found.commands.add(name)
            elif node.args:
                found.is_complete = False


def _registers(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _REGISTERING


def _name_of(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None
