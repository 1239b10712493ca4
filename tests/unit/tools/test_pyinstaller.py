"""Tests the hook by which PyInstaller learns what the native half imports."""

from __future__ import annotations

import pkgutil
import runpy
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import transom
from transom._pyinstaller import get_hook_dirs

ROOT = Path(__file__).parents[3]


def test_pyinstaller_is_told_what_the_native_half_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    def modules(package: str, filter: Callable[[str], bool]) -> list[str]:  # noqa: A002
        found = pkgutil.walk_packages(transom.__path__, f"{package}.")
        return [it.name for it in found if filter(it.name)]

    def data(package: str, **options: Any) -> list[tuple[str, str]]:
        return [(package, ",".join(options))]

    stand_in = SimpleNamespace(
        collect_submodules=modules, collect_data_files=data, copy_metadata=data
    )
    monkeypatch.setitem(sys.modules, "PyInstaller", stand_in)
    monkeypatch.setitem(sys.modules, "PyInstaller.utils", stand_in)
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", stand_in)
    (folder,) = get_hook_dirs()
    told = runpy.run_path(f"{folder}/hook-transom.py")
    assert {"transom._program.command", "transom._app.embed"} <= set(told["hiddenimports"])
    assert not [it for it in told["hiddenimports"] if "_bundle" in it or "testing" in it]
    assert told["datas"]
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert points["pyinstaller40"] == {"hook-dirs": "transom._pyinstaller:get_hook_dirs"}
