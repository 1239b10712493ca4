"""Tests how a build compiles Python, and how it reads and changes programs and libraries."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from transom._bundle import compiling
from transom._bundle.binaries import elf


def test_python_is_compiled_the_same_each_time(tmp_path: Path) -> None:
    source = Path(compiling.__file__).read_text() + "\nX = {'b', 'a', 'c'} & frozenset('xyz')\n"
    results: list[bytes] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.py").write_text(source)
        (folder / "b.py").write_text("no Python")
        assert compiling.compile_all(Path(sys.executable), folder) == ["b.py"]
        (compiled,) = folder.rglob("*.pyc")
        results.append(compiled.read_bytes())
    assert results[0] == results[1]
    # The flags say: checked by a hash, and never.
    assert results[0][4:8] == struct.pack("<I", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="apps are built on Linux")
def test_a_folder_that_takes_no_compiled_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    # A file in the place of the folder for what is compiled.
    (tmp_path / "__pycache__").write_text("")
    with pytest.raises(NotADirectoryError):
        compiling.compile_all(Path(sys.executable), tmp_path)
    with pytest.raises(RuntimeError, match="ends with"):
        compiling.compile_all(Path("/bin/false"), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="ELF is of Linux")
def test_the_path_of_libraries_is_replaced_where_there_is_room(tmp_path: Path) -> None:
    copied = tmp_path / "python"
    copied.write_bytes(Path(sys.executable).resolve().read_bytes())
    before = elf.read(copied)
    assert before is not None
    assert before.glibc > (2, 0)
    if before.runpath is None:
        assert not elf.set_runpath(copied, "$ORIGIN")
    else:
        assert not elf.set_runpath(copied, "x" * 5000)
        assert elf.set_runpath(copied, "$ORIGIN")
        after = elf.read(copied)
        assert after is not None
        assert (after.runpath, after.needed) == ("$ORIGIN", before.needed)
    (tmp_path / "text").write_text("text")
    assert not elf.is_elf(tmp_path / "text")
