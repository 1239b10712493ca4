"""Tests the rules of the source tree: no circular imports, small folders and files, clear names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from imports import ROOT, Graph, circles, python_graph, rust_graph, typescript_graph

GRAPHS = {
    "crate": lambda: rust_graph(ROOT / "src" / "lib.rs"),
    "package": lambda: python_graph(ROOT / "python" / "transom"),
    "client": lambda: typescript_graph(ROOT / "js" / "src"),
}


@pytest.mark.parametrize("of", GRAPHS)
def test_no_file_imports_one_that_imports_it(of: str) -> None:
    graph: Graph = GRAPHS[of]()
    assert sum(map(len, graph.values())) > len(graph) / 2, "the imports were not found"
    assert circles(graph) == []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == [["b", "c"]]


def test_the_actors_know_nothing_of_the_world() -> None:
    """The machines are pure: neither Tauri, nor Python, nor the wire."""
    graph = GRAPHS["crate"]()
    for module, imported in graph.items():
        if module.startswith("actors"):
            rooms = {it.split("::")[0] for it in imported}
            assert rooms <= {"actors", "sync", "error", "fuzzing"}, module


MOST_ENTRIES = 13
"""In one folder, without the file that says what the folder is for."""
CROWDED = {
    "src/actors": "one folder for each actor, and one file or folder for each thing they share",
    "src/python/plugins": "one file for each plugin that takes more than to be registered",
    "python/transom": "the public modules are in front, as users import them",
    "python/transom/plugins": "one module for each plugin, as users import them",
    "tests/e2e/apps": "one folder for each app under test",
}
"""Folders that have more, and why."""
SOURCES = {".rs", ".py", ".pyi", ".ts"}
INTRODUCTIONS = {"mod.rs", "lib.rs", "__init__.py", "__init__.pyi"}

MOST_LINES = 400
REASON = "one file because"
"""Stands in the first lines of a longer file."""
FIRST_LINES = 8


def crowded(top: Path) -> dict[Path, int]:
    """The folders from `top` down that have too many entries."""
    files = [it for it in top.rglob("*") if it.suffix in SOURCES]
    entries: dict[Path, set[str]] = {}
    for file in files:
        for entry in (file, *file.parents):
            if entry == top:
                break
            if entry.name not in INTRODUCTIONS:
                entries.setdefault(entry.parent, set()).add(entry.name)
    return {folder: len(it) for folder, it in entries.items() if len(it) > MOST_ENTRIES}


def unreasonably_long(top: Path) -> dict[Path, int]:
    """The files from `top` down that are too long and do not say why."""
    found: dict[Path, int] = {}
    for file in top.rglob("*"):
        if file.suffix in SOURCES:
            lines = file.read_text().splitlines()
            if len(lines) > MOST_LINES and REASON not in "\n".join(lines[:FIRST_LINES]):
                found[file] = len(lines)
    return found


@pytest.mark.parametrize("top", ["src", "python/transom", "js/src", "tests"])
def test_no_folder_has_too_many_entries(top: str) -> None:
    here = {str(folder.relative_to(ROOT)) for folder in crowded(ROOT / top)}
    assert here == {folder for folder in CROWDED if f"{folder}/".startswith(f"{top}/")}


@pytest.mark.parametrize(
    "top", ["src", "python", "js/src", "js/tests", "tests", "scripts", "benches", "stress"]
)
def test_no_file_is_too_long_without_a_reason(top: str) -> None:
    assert unreasonably_long(ROOT / top) == {}


def test_what_is_too_large_is_found(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for n in range(MOST_ENTRIES):
        (tmp_path / "a" / f"{n}.rs").write_text("")
    (tmp_path / "a" / "mod.rs").write_text("")
    assert crowded(tmp_path) == {}
    long = "\n" * (MOST_LINES + 1)
    (tmp_path / "a" / "b" / "long.py").write_text(long)
    (tmp_path / "a" / "b" / "reasoned.py").write_text(f'"""Is {REASON} it is."""' + long)
    assert crowded(tmp_path) == {tmp_path / "a": MOST_ENTRIES + 1}
    assert unreasonably_long(tmp_path) == {tmp_path / "a" / "b" / "long.py": MOST_LINES + 1}


TYPES = {
    "src": re.compile(
        r"^(?:pub(?:\([^)]*\))? )?(?:unsafe )?(?:struct|enum|union|trait|type) (\w+)", re.MULTILINE
    ),
    "python/transom": re.compile(
        r"^(?:class (\w+)|([A-Z][a-z]\w*)(?:: TypeAlias)? = )", re.MULTILINE
    ),
    "js/src": re.compile(
        r"^(?:export )?(?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)", re.MULTILINE
    ),
}
"""How a file's own types are found, by the folder."""
ELSEWHERE = re.compile(r"(\w*_)?(tests|models?)|fuzzing|unsupported|no_\w+|_native")
"""Tests, what stands in for a type on other systems, and the stubs of the native module."""
SHARED_NAMES = {
    "src": {
        "WindowEvent": "each actor has its `…Event`, and Python's class has the name of Tauri's",
    },
    "python/transom": {
        "App": "`webdriver.App` is the app that a test drives, as `App` is in the app itself",
        "Builder": "each plugin has one, as Tauri's plugins do",
        "BuilderArgs": "each plugin has one, as Tauri's plugins do",
        "JavaScriptChannelId": "a worker has one of its own in place of the native one",
        "Page": "one drives a page of the test kit, the other the same page in a real window",
        "PageError": "`webdriver.PageError` is the same for a page in a real window",
    },
    "js/src": {},
}
"""By folder: the names of several types, and why that is clear to a reader."""


def shared_names(top: Path, types: re.Pattern[str]) -> dict[str, list[Path]]:
    """The names that several files from `top` down give to types of their own."""
    found: dict[str, list[Path]] = {}
    for file in sorted(top.rglob("*")):
        inside = file.relative_to(top).with_suffix("")
        if file.suffix in SOURCES and not any(map(ELSEWHERE.fullmatch, inside.parts)):
            names = {"".join(it.groups("")) for it in types.finditer(file.read_text())}
            for name in names:
                found.setdefault(name, []).append(inside)
    return {name: files for name, files in found.items() if len(files) > 1}


@pytest.mark.parametrize("top", TYPES)
def test_no_two_types_have_the_same_name(top: str) -> None:
    shared = shared_names(ROOT / top, TYPES[top])
    assert {it: shared[it] for it in shared if it not in SHARED_NAMES[top]} == {}
    assert SHARED_NAMES[top].keys() <= shared.keys(), "an exception that is not needed any more"


def test_types_with_the_same_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for file in ("a", "b", "tests/c"):
        (tmp_path / f"{file}.rs").write_text(
            "pub(crate) struct State;\nimpl A {\n    type B = u8;\n}\n"
        )
    (tmp_path / "d.rs").write_text(
        "#[cfg(unix)]\ntype Fd = i32;\n#[cfg(windows)]\ntype Fd = u64;\n"
    )
    assert shared_names(tmp_path, TYPES["src"]) == {"State": [Path("a"), Path("b")]}


def encodable(text: str) -> bool:
    return not any("\ud800" <= it <= "\udfff" for it in text)


def test_docstrings_are_text_that_every_python_compiles() -> None:
    """CPython 3.13 refuses a module with half a surrogate pair in a docstring."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for file in (ROOT / "python" / "transom").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, documented) and (text := ast.get_docstring(node)):
                assert encodable(text), f"{file}: {text}"
