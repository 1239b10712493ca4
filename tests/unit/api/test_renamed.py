"""Tests imports by PyTauri's names: those that are here too, and those that are answered."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import pytest

import transom
from transom import _renamed, image, ipc, menu, path, plugin, tray, webview, window


@pytest.mark.parametrize("module", sorted(_renamed.ELSEWHERE))
def test_a_name_of_pytauri_that_was_renamed_too_far_is_answered(module: str) -> None:
    text = f"there is no `{module}`: .* in `{_renamed.ELSEWHERE[module]}` here"
    with pytest.raises(ModuleNotFoundError, match=text):
        import_module(module)
    with pytest.raises(ModuleNotFoundError, match=text):
        exec(f"from {module} import something", {})


def test_what_there_is_not_has_pythons_own_text() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'transom\.nowhere'"):
        import_module("transom.nowhere")
    with pytest.raises(ImportError, match="cannot import name 'nobody' from 'transom'"):
        exec("from transom import nobody", {})


def test_only_one_finder_is_asked() -> None:
    _renamed.answer_imports()
    assert [isinstance(it, _renamed.RenamedModuleFinder) for it in sys.meta_path].count(True) == 1


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("transom.ffi", transom),
        ("transom.ffi.lib", transom),
        ("transom.ffi.image", image),
        ("transom.ffi.ipc", ipc),
        ("transom.ffi.menu", menu),
        ("transom.ffi.path", path),
        ("transom.ffi.plugin", plugin),
        ("transom.ffi.tray", tray),
        ("transom.ffi.webview", webview),
        ("transom.ffi.window", window),
    ],
)
def test_the_names_of_ffi_are_those_of_the_public_modules(name: str, home: ModuleType) -> None:
    module = import_module(name)
    assert module.__all__ == home.__all__
    for it in home.__all__:
        assert getattr(module, it) is getattr(home, it), it


def test_ipc_is_there_without_an_import_of_its_own() -> None:
    assert transom.ipc is ipc
    assert transom.ffi.ipc.WebviewWindow is webview.WebviewWindow  # type: ignore[attr-defined]
