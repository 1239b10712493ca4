"""Tests that `help` says of every public name what its stub says, and where it is imported from."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from described import DESCRIBED, PUBLIC, runtime

from transom import _native

RUST = Path(__file__).parents[3] / "src" / "python"
COMMENT = re.compile(r"(?:^[ \t]*///(?:[ \t].*)?\n)+", re.MULTILINE)
BY_MACRO = {"WebviewWindow.eval", "Webview.eval", "WebviewWindow.set_effects", "Window.set_effects"}
"""One macro makes these and many others, of which the names say all."""


def exported() -> Iterator[tuple[str, str, Any]]:
    """The classes and functions that public modules export, each with module and name."""
    for name in PUBLIC:
        module = importlib.import_module(name)
        for it in getattr(module, "__all__", ()):
            value = getattr(module, it)
            if inspect.isclass(value) or inspect.isroutine(value):
                yield name, it, value


EXPORTED = list(exported())
OF_TRANSOM = [it for it in EXPORTED if (it[2].__module__ or "").startswith("transom")]


def words(text: str | None) -> str:
    """A docstring without its line breaks."""
    return " ".join((text or "").split())


def test_what_is_exported_is_of_a_public_module() -> None:
    assert len(OF_TRANSOM) > 150
    for module, name, value in OF_TRANSOM:
        assert "._" not in value.__module__, f"{module}.{name}"
        assert value.__module__ in PUBLIC, f"{module}.{name}"
        home = importlib.import_module(value.__module__)
        assert getattr(home, value.__name__, value) is value, f"{module}.{name}"


def public_members() -> Iterator[tuple[str, Any]]:
    """The exported names, and the methods of the classes."""
    for module, name, value in OF_TRANSOM:
        yield f"{module}.{name}", value
        if inspect.isclass(value):
            for key, member in vars(value).items():
                if not key.startswith("_") and inspect.isroutine(member):
                    yield f"{module}.{name}.{key}", member


def test_no_docstring_leads_to_a_private_name() -> None:
    found = [name for name, it in public_members() if "transom._" in (inspect.getdoc(it) or "")]
    assert found == []


def test_methods_that_native_classes_have_from_python_are_like_the_others() -> None:
    found: set[str] = set()
    for _, name, owner in OF_TRANSOM:
        if getattr(_native, name, None) is not owner or not inspect.isclass(owner):
            continue
        for key, method in vars(owner).items():
            if inspect.isfunction(method) and not key.startswith("_"):
                assert method.__qualname__ == f"{name}.{key}"
                assert method.__module__ == owner.__module__
                found.add(method.__qualname__)
    assert {"AppHandle.workers", "Webview.call", "WebviewWindow.call", "Window.closed"} <= found


def described() -> dict[str, str]:
    """What the stubs say of public classes, and of their methods and variants."""
    public = {name for _, name, value in EXPORTED if getattr(_native, name, None) is value}
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        path: text
        for path, node in DESCRIBED.items()
        if path.split(".")[0] in public and isinstance(node, kinds)
        if (text := ast.get_docstring(node)) and not path.endswith("__new__")
    }


def comments() -> set[str]:
    """The doc comments of the native module, which are its docstrings."""
    found: set[str] = set()
    for file in RUST.rglob("*.rs"):
        for block in COMMENT.findall(file.read_text(encoding="utf-8")):
            found.add(words(re.sub(r"^[ \t]*///", "", block, flags=re.MULTILINE)))
    return found


def test_docstrings_say_what_the_stubs_say() -> None:
    """The source of the native module is read: the module itself may have been built before."""
    stubs, native = described(), comments()
    assert len(stubs) > 200
    wrong: list[str] = []
    for path, text in stubs.items():
        value = runtime(path)
        if inspect.isfunction(value):
            same = inspect.getdoc(value) == text
        else:
            same = words(text) in native or path in BY_MACRO
        if not same:
            wrong.append(path)
    assert wrong == []
