"""Tests the rules of the source tree: no circular imports, small folders, small files."""

from __future__ import annotations

import ast

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


def test_docstrings_are_utf_8() -> None:
    """CPython 3.13.0 cannot compile a docstring with half a character, so nothing would start."""
    files = sorted((ROOT / "python" / "transom").rglob("*.py"))
    assert len(files) > 100
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in files:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, kinds):
                (ast.get_docstring(node) or "").encode()
