"""Tests what code is sent to the nodes of a cluster, and what is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from transom._cluster import shipping
from transom._cluster.shipping import TooMuchCodeError, collect
from transom._executors.surroundings import pack


def write(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n")


def setup_of(folder: Path, *modules: str, main: str | None = None) -> dict[str, Any]:
    path = None if main is None else pack(str(folder / main))
    return {
        "sys_path": [pack(str(folder)), *map(pack, sys.path)],
        "modules": list(modules),
        "initializer": None,
        "main": main and {"name": None, "path": path},
    }


def sent(setup: dict[str, Any], to: Path) -> set[str]:
    """What is sent of an app."""
    shipment = collect(setup, to, app=True)
    files = (it.relative_to(shipment.folder) for it in shipment.folder.rglob("*") if it.is_file())
    return {str(it) for it in files if it.parts[0] != "transom"}


def test_this_package_goes_without_its_native_half(tmp_path: Path) -> None:
    shipment = collect({}, tmp_path, app=False)
    assert (shipment.folder / "transom" / "_worker" / "boot.py").is_file()
    assert {it.suffix for it in shipment.folder.rglob("*") if it.is_file()} == {".py"}
    assert 0 < shipment.bytes < 2_000_000


def test_a_package_goes_and_no_other_file(tmp_path: Path) -> None:
    app = tmp_path / "app"
    write(app, "video/__init__.py", "video/render/tiles.py", "other/__init__.py", "setup.py")
    write(app, "video/data/film.mp4", "video/__pycache__/old.py", "video/.git/hook.py")
    write(app, "video/env/pyvenv.cfg", "video/env/lib/module.py", "video/node_modules/x.py")
    expected = {"__init__.py", "video/__init__.py", "video/render/tiles.py"}
    assert sent(setup_of(app, "video.render.tiles"), tmp_path / "to") == expected


def test_a_script_goes_with_what_it_imports(tmp_path: Path) -> None:
    app, library = tmp_path / "app", tmp_path / "library"
    write(app, "helper.py", "unused.py", "space/one.py", "site-packages/installed/__init__.py")
    write(app, "data/large.bin")
    write(library, "shared/__init__.py", "shared/deep.py", "deeper.py")
    (app / "app.py").write_text("import helper\nimport json, installed\nimport space.one\n")
    (app / "helper.py").write_text("def use():\n    from shared import deep\n")
    (library / "shared" / "deep.py").write_text("from . import deep\nimport deeper\n")
    setup = setup_of(app, "__main__", main="app.py")
    setup["sys_path"][1:1] = [pack(str(library)), pack(str(app / "site-packages"))]
    expected = {"app.py", "helper.py", "shared/__init__.py", "shared/deep.py", "deeper.py"}
    assert sent(setup, tmp_path / "to") == {*expected, "space/one.py", "__init__.py"}
    assert collect(setup, tmp_path / "to", app=True).main == (None, "app.py")


def test_a_main_module_without_commands_stays(tmp_path: Path) -> None:
    write(tmp_path / "app", "app.py", "jobs.py")
    setup = setup_of(tmp_path / "app", "jobs", main="app.py")
    assert sent(setup, tmp_path / "to") == {"__init__.py", "jobs.py"}


def test_too_much_code_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "app", "many/__init__.py", *(f"many/m{number}.py" for number in range(50)))
    own = collect({}, tmp_path / "own", app=False).files
    setup = setup_of(tmp_path / "app", "many.m1")
    monkeypatch.setattr(shipping, "MOST_FILES", own + 20)
    with pytest.raises(TooMuchCodeError, match=r"most of it in .*runtime_env"):
        collect(setup, tmp_path / "to", app=True)
    monkeypatch.setattr(shipping, "MOST_SEEN", 40)
    with pytest.raises(TooMuchCodeError, match="too many to look for code in"):
        collect(setup, tmp_path / "to", app=True)
