"""Tests which native half the package takes: its own, or that of the app that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import transom
from transom import _library

ROOT = Path(__file__).parents[3]
# A native half that an extension module could put in place: that of worker processes.
EXPORT = f"""
import importlib.util, sys
file = {str(Path(transom.__file__).parent / "_worker" / "native.py")!r}
spec = importlib.util.spec_from_file_location("transom._native", file)
native = importlib.util.module_from_spec(spec)
spec.loader.exec_module(native)
native.EXT_MOD = sys.modules[__name__]
sys.modules["transom._native"] = native
"""
SHOW = "import transom; print(transom.EXT_MOD.__name__, transom.EXT_MOD is not transom._native)"
OWN = "transom._native False"


class Place:
    """A folder of packages, with the metadata of installed ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def install(self, name: str, ext_mod: str, **modules: str) -> None:
        """The package `name`, with its modules and the entry point `ext_mod`."""
        info = f"{name}-1.0.dist-info"
        self.write({f"{name}/{module}.py": text for module, text in modules.items()})
        self.write(
            {
                f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
                f"{info}/entry_points.txt": f"[transom]\next_mod = {ext_mod}\n",
            }
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.folder), str(Path(transom.__file__).parents[1])])
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": path},
            cwd=self.folder,
            check=False,
            capture_output=True,
            text=True,
        )

    def shown(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for name in ("one", "two"):
        place.install(name, f"{name}.ext", __init__="", __main__=SHOW, ext=EXPORT, inner=SHOW)
    place.write(
        {
            "script.py": SHOW,
            "console.py": "from two.inner import transom",
            "library/__init__.py": "import transom",
            "through.py": f"import library\n{SHOW}",
            "three/__init__.py": SHOW,
            "three/__main__.py": "",
        }
    )
    return place


def test_the_app_that_runs_brings_its_own(place: Place) -> None:
    assert place.shown("-m", "one") == "one.ext True"
    assert place.shown("-m", "two") == "two.ext True"
    assert place.shown("console.py") == "two.ext True"


def test_an_app_may_import_it_through_a_library_and_before_it_runs(place: Place) -> None:
    text = f"import library\n{SHOW}"
    place.install("four", "four.ext", __init__=text, __main__="", ext=EXPORT)
    assert place.shown("-m", "four") == "four.ext True"


def test_the_module_of_an_app_may_be_in_a_package_beside_its_code(place: Place) -> None:
    place.install("native_part", "native_part.ext", ext=EXPORT)
    place.write(
        {
            "native_part-1.0.dist-info/top_level.txt": "native_part\ncode_part\n",
            "code_part/__init__.py": "",
            "code_part/__main__.py": SHOW,
        }
    )
    done = place.run("-m", "code_part")
    assert done.stdout.strip() == "native_part.ext True", done.stderr


def test_an_app_without_its_module_has_the_library_of_the_package(place: Place) -> None:
    """As has a process that an executable started, and a package that is not built."""
    place.install("unbuilt", "unbuilt.ext", __init__="", __main__=SHOW)
    assert place.shown("-m", "unbuilt") == OWN
    place.install("unbuilt", "unbuilt.vendored.ext", __init__="", __main__=SHOW)
    assert place.shown("-m", "unbuilt") == OWN
    place.install("broken", "broken.ext", __init__="", __main__=SHOW, ext="import broken.missing")
    assert "No module named 'broken.missing'" in place.run("-m", "broken").stderr


def test_the_package_names_its_own_library_too() -> None:
    """What counts the entry points, to tell whether windows can be opened, finds one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["transom"] == {"ext_mod": "transom._native"}


def test_the_entry_point_of_the_package_is_no_app(place: Place) -> None:
    place.install("transom_itself", "transom._native", __init__=SHOW)
    done = place.run("-m", "transom_itself")
    assert done.stdout.strip() == OWN, done.stderr


def test_other_programs_use_the_library_of_the_package(place: Place) -> None:
    assert place.shown("script.py") == OWN
    assert place.shown("through.py") == OWN
    assert place.shown("-m", "three") == OWN
    assert place.shown("-c", SHOW) == OWN


def test_a_program_that_is_no_package_looks_for_no_entry_points(place: Place) -> None:
    """That takes a tenth of the time of the import."""
    refuse = "from importlib import metadata\nmetadata.entry_points = None\n"
    assert place.shown("-c", refuse + SHOW) == OWN
    place.write({"refusing.py": refuse + SHOW, "refusing_main.py": f"{refuse}import through"})
    assert place.shown("refusing.py") == OWN
    # It would have raised.
    assert "TypeError" in place.run("refusing_main.py").stderr


def test_a_module_that_is_imported_before_is_the_choice(place: Place) -> None:
    assert place.shown("-c", f"import one.ext\n{SHOW}") == "one.ext True"


def test_an_entry_point_without_a_native_half_says_what_to_call(place: Place) -> None:
    place.install("five", "five.ext", __init__=SHOW, __main__="", ext="")
    done = place.run("-m", "five")
    assert done.returncode == 1
    assert "`five.ext`, the entry point of this app" in done.stderr
    assert "call `transom::pymodule_export`" in done.stderr


def test_a_module_that_is_in_the_executable_alone_is_not_missed(place: Place) -> None:
    place.install("six", "six.ext", __init__=SHOW, __main__="")
    assert place.shown("-m", "six") == OWN
    place.install("seven", "seven.ext", __init__=SHOW, __main__="", ext="import no_such_module")
    assert "No module named 'no_such_module'" in place.run("-m", "seven").stderr


def test_a_library_of_another_version_is_refused(place: Place) -> None:
    place.install(
        "eight",
        "eight.ext",
        __init__=SHOW,
        __main__="",
        ext=f"{EXPORT}native.CRATE_VERSION = '9.0'",
    )
    assert "built with the crate `transom` 9.0" in place.run("-m", "eight").stderr
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert cargo["workspace"]["package"]["version"] == _library.PACKAGE_VERSION


def test_the_wheels_context_without_a_folder_says_which_apps_need_none() -> None:
    with pytest.raises(TypeError, match="for an app with a Rust crate of its own") as raised:
        transom.context_factory()
    assert "needs the folder" in str(raised.value)


def test_a_system_library_that_is_missing_is_named_with_its_package() -> None:
    said = "libwebkit2gtk-4.1.so.0: cannot open shared object file: No such file or directory"
    script = f"""
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "transom._native":
            raise ImportError({said!r})

sys.meta_path.insert(0, Finder())
import transom
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"ImportError: {said}: install" in done.stderr
