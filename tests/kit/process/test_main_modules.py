"""Tests worker commands in the main module of an app, in each way of starting the app."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import zipapp
from collections.abc import Sequence
from pathlib import Path

import pytest

APP = """
import anyio, os, sys
from transom import Commands, ProcessPool
from transom.testing import TestApp

commands = Commands()

@commands.command(executor="process")
def where() -> list[str]:
    import beside
    return [__name__, beside.WORD, os.path.basename(os.getcwd()) if beside.THERE else ""]

async def main() -> None:
    pool = ProcessPool(workers=1, warm=0, preload=["beside"])
    async with TestApp(commands, executors={"process": pool}) as app:
        print("answer:", *await app.window().invoke("where"))

if __name__ == "__main__":
    if "--leave" in sys.argv:
        os.rmdir(os.getcwd())
    try:
        anyio.run(main)
    except ValueError as error:
        print("refused:", error)
"""
BESIDE = """
import multiprocessing, os
WORD = "beside"
try:
    THERE = bool(os.getcwd())
except OSError:
    THERE = False
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "start"
    folder.mkdir()
    (folder / "beside.py").write_text(BESIDE)
    (folder / "app.py").write_text(APP)
    return folder


def run(folder: Path, *args: str, source: str | None = None) -> str:
    given: Sequence[str] = args
    done = subprocess.run(
        [sys.executable, *given],
        cwd=folder,
        input=source,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ANSWER = "answer: __mp_main__ beside start"


def test_a_file(folder: Path) -> None:
    assert run(folder, "app.py") == ANSWER


def test_a_folder(folder: Path) -> None:
    (folder / "app").mkdir()
    shutil.move(folder / "app.py", folder / "app" / "__main__.py")
    shutil.move(folder / "beside.py", folder / "app" / "beside.py")
    assert run(folder, "app") == ANSWER


def test_an_archive(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    shutil.move(folder / "app.py", source / "__main__.py")
    shutil.move(folder / "beside.py", source / "beside.py")
    zipapp.create_archive(source, folder / "app.pyz")
    assert run(folder, "app.pyz") == ANSWER


@pytest.mark.parametrize("name", ["app", "package", "package.app"])
def test_a_module(folder: Path, name: str) -> None:
    (folder / "package").mkdir()
    (folder / "package" / "__main__.py").write_text(APP)
    (folder / "package" / "app.py").write_text(APP)
    assert run(folder, "-m", name) == ANSWER


def test_a_compiled_file(folder: Path) -> None:
    compileall.compile_file(folder / "app.py", quiet=1, legacy=True)
    (folder / "app.py").unlink()
    assert run(folder, "app.pyc") == ANSWER


@pytest.mark.parametrize("args", [["-"], [], ["-c", APP]])
def test_what_is_in_no_file_is_refused(folder: Path, args: list[str]) -> None:
    told = run(folder, *args, source=None if "-c" in args else APP)
    assert told.startswith("refused: `where` runs in a worker process"), told
    assert "is in no file" in told


@pytest.mark.skipif(os.name == "nt", reason="nobody can delete it there")
def test_a_working_directory_that_was_deleted_costs_nothing(folder: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    assert run(gone, str(folder / "app.py"), "--leave") == "answer: __mp_main__ beside"
