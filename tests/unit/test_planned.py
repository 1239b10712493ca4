"""Tests what imports of names say that PyTauri has, and this release has not or calls otherwise."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from types import ModuleType

import pytest

import transom
from transom import _planned, image, ipc, path, plugin, webview, window


def is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


TO_COME = [name for name in _planned.MODULES if not is_there(f"transom.{name}")]


@pytest.mark.parametrize("name", TO_COME)
@pytest.mark.parametrize(
    "statement",
    ["import transom.{0}", "from transom import {0}", "from transom.{0} import Something"],
)
def test_a_module_to_come_is_named(name: str, statement: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=rf"`transom\.{name}` is planned, and not in"):
        exec(statement.format(name), {})


@pytest.mark.parametrize("name", TO_COME)
def test_a_module_to_come_is_no_attribute(name: str) -> None:
    assert not hasattr(transom, name)
    with pytest.raises(AttributeError, match=rf"`transom\.{name}` is planned"):
        getattr(transom, name)


@pytest.mark.parametrize("module", sorted(_planned.ELSEWHERE))
def test_a_name_of_pytauri_that_was_renamed_too_far_is_answered(module: str) -> None:
    text = f"there is no `{module}`: .* in `{_planned.ELSEWHERE[module]}` here"
    with pytest.raises(ModuleNotFoundError, match=text):
        import_module(module)


def test_what_there_is_not_has_pythons_own_text() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'transom\.nowhere'"):
        import_module("transom.nowhere")
    with pytest.raises(ImportError, match="cannot import name 'nobody' from 'transom'"):
        exec("from transom import nobody", {})


def test_only_one_finder_is_asked() -> None:
    _planned.answer_imports()
    assert [isinstance(it, _planned.Finder) for it in sys.meta_path].count(True) == 1
    assert isinstance(sys.meta_path[-1], _planned.Finder)


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("transom.ffi", transom),
        ("transom.ffi.lib", transom),
        ("transom.ffi.image", image),
        ("transom.ffi.ipc", ipc),
        ("transom.ffi.path", path),
        ("transom.ffi.plugin", plugin),
        ("transom.ffi.webview", webview),
        ("transom.ffi.window", window),
    ],
)
def test_the_names_of_ffi_are_those_of_the_public_modules(name: str, home: ModuleType) -> None:
    module = import_module(name)
    assert module.__all__ == home.__all__
    for it in home.__all__:
        assert getattr(module, it) is getattr(home, it), it


@pytest.mark.parametrize("name", ["menu", "tray"])
def test_a_module_of_ffi_that_is_to_come_says_so(name: str) -> None:
    if name in TO_COME:
        with pytest.raises(ModuleNotFoundError, match=rf"`transom\.{name}` is planned"):
            import_module(f"transom.ffi.{name}")
    else:
        assert import_module(f"transom.ffi.{name}") is import_module(f"transom.{name}")


def test_ipc_is_there_without_an_import_of_its_own() -> None:
    assert transom.ipc is ipc
    assert transom.ffi.ipc.WebviewWindow is webview.WebviewWindow  # type: ignore[attr-defined]
