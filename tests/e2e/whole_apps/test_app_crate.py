"""Tests `examples/app-crate`, whose `main` is in Python: as an executable, and as a package."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import run

import pytest
from harness import App, Finished, Page, environment, run_to_end

import transom
from transom.testing.webdriver import Driver, wait_for

ROOT = Path(__file__).parents[3]
BUILT = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
SOURCE = ROOT / "examples" / "app-crate" / "python" / "app_crate"
VERSION = "{}.{}".format(*sys.version_info)

# Commands for the test, beside those of the example.
MAIN = """
import multiprocessing, os, sys
from pathlib import Path
import transom
from app_crate import commands, main


def libraries() -> list[str]:
    lines = Path("/proc/self/maps").read_text().splitlines()
    files = {line.split(maxsplit=5)[5] for line in lines if "/" in line}
    return sorted(it for it in files if "transom/_native" in it or "ext_mod" in it)


@commands.command()
async def about() -> dict[str, object]:
    module = sys.modules.get("app_crate.ext_mod")
    return {
        "libraries": libraries(),
        "one module": transom.EXT_MOD is module,
        "python": sys.executable,
        "arguments": sys.argv[1:],
        "prefix": sys.prefix,
    }


@commands.command(executor="process")
def worker() -> dict[str, object]:
    return {"python": sys.executable, "libraries": libraries()}


@commands.command(executor="process")
def shout_in_worker() -> str:
    import app_crate.ext_mod
    return app_crate.ext_mod.shout("of rust")


@commands.command()
def children() -> list[int]:
    from app_crate.helper import double
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.map(double, [1, 2])


if __name__ == "__main__":
    import atexit
    atexit.register(print, "at exit")
    sys.exit(main())
"""

HELPER = """
def double(number: int) -> int:
    return 2 * number
"""


class Place:
    """The app, installed in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.packages = home / "packages"
        self.drivers: list[Driver] = []
        self.install("app_crate")
        (self.packages / "app_crate" / "__main__.py").write_text(MAIN)
        (self.packages / "app_crate" / "helper.py").write_text(HELPER)

    def install(self, name: str) -> None:
        """The Python package under this name, and what `pip` writes about it."""
        shutil.copytree(SOURCE, self.packages / name, ignore=shutil.ignore_patterns("__pycache__"))
        info = self.packages / f"{name}-0.0.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.0\n")
        (info / "entry_points.txt").write_text(f"[transom]\next_mod = {name}.ext_mod\n")

    def add_library(self, name: str = "app_crate") -> None:
        """The extension module of that package."""
        shutil.copy(built("libapp_crate_lib.so"), self.packages / name / "ext_mod.so")

    def environment(self) -> dict[str, str]:
        path = [str(self.packages), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        return {
            **environment(self.home),
            "VIRTUAL_ENV": sys.prefix,
            "PYTHONPATH": os.pathsep.join(path),
        }

    def start(self, program: str, *arguments: str, **env: str) -> App:
        driver = Driver(self.home / "output.log", self.environment() | env)
        self.drivers.append(driver)
        driver.start(program, arguments)
        return App(self.home, driver)


def built(name: str) -> Path:
    file = BUILT / name
    if not file.exists():
        pytest.fail(f"{file} is missing; build it: cargo build -p app-crate")
    return file


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    for driver in place.drivers:
        driver.close()


def as_executable(place: Place) -> list[str]:
    return [str(shutil.copy(built("app-crate"), place.home))]


def as_package(place: Place) -> list[str]:
    place.add_library()
    return [sys.executable, "-m", "app_crate"]


WAYS = {"executable": as_executable, "package": as_package}


def text(page: Page, output: str) -> Callable[[], str]:
    """What the page shows for a call."""
    return lambda: page.focus().find(f"#{output}").text


@pytest.mark.parametrize("way", WAYS)
def test_rust_and_python_answer_in_both_windows(place: Place, way: str) -> None:
    app = place.start(*WAYS[way](place), "--some", "argument")
    for label, title in (("main", "APP CRATE"), ("second", "SECOND WINDOW")):
        page = app.page(label)
        assert wait_for(text(page, "rust")).startswith("Hello Ada, from Rust")
        assert wait_for(text(page, "python")).startswith(f"Hello Ada, from Python {VERSION}.")
        assert wait_for(text(page, "count")) == "25"
        assert wait_for(text(page, "title")) == title
        assert wait_for(text(page, "titled"))
        assert wait_for(text(page, "primes"), 120.0) == "303"
    page = app.page("main")
    greet = "return await __TAURI__.core.invoke('greet_in_rust', {name: 'Bo'})"
    assert page.run(greet) == "Hello Bo, from Rust, for the 3. time"
    assert page.failure("nobody_home").code == "unknown-command"

    about = page.invoke("about")
    own = [str(place.packages / "app_crate" / "ext_mod.so")] if way == "package" else []
    assert about["libraries"] == own
    assert about["one module"] is True
    assert about["arguments"] == ["--some", "argument"]
    python = str(Path(sys.prefix) / "bin" / "python")
    assert (about["python"], about["prefix"]) == (python, sys.prefix)
    assert page.invoke("worker") == {"python": python, "libraries": []}
    if way == "package":
        assert page.invoke("shout_in_worker") == "OF RUST"
    assert page.invoke("children") == [2, 4]


@pytest.mark.parametrize("way", WAYS)
def test_the_exit_code_is_that_of_python(place: Place, way: str) -> None:
    (place.packages / "app_crate" / "__main__.py").write_text(
        "import app_crate\napp_crate.set_up = lambda app_handle: app_handle.exit(7)\n" + MAIN
    )
    done = ended(place, WAYS[way](place))
    assert done.code == 7, done.output
    assert "at exit" in done.output


@pytest.mark.parametrize("way", WAYS)
def test_an_error_of_setup_comes_out_of_main(place: Place, way: str) -> None:
    (place.packages / "app_crate" / "__main__.py").write_text(
        "import app_crate\napp_crate.set_up = lambda app_handle: 1 / 0\n" + MAIN
    )
    done = ended(place, WAYS[way](place))
    assert done.code == 1, done.output
    assert "ZeroDivisionError" in done.output


def ended(place: Place, command: list[str]) -> Finished:
    script = place.home / "start.sh"
    script.write_text(f"exec {' '.join(command)}\n")
    return run_to_end(script, place.environment(), python="/bin/sh")


def test_of_two_apps_the_one_that_runs_is_chosen(place: Place) -> None:
    place.install("another_app")
    place.add_library("another_app")
    page = place.start(*as_package(place)).page()
    assert page.invoke("about")["libraries"] == [str(place.packages / "app_crate" / "ext_mod.so")]


def test_a_second_library_in_a_process_is_refused(place: Place) -> None:
    place.add_library()
    for code, expected in (
        ("import transom, app_crate.ext_mod", "this process has loaded another library"),
        ("import app_crate.ext_mod, transom; print(transom._native.__name__)", "transom._native"),
    ):
        (place.packages / "script.py").write_text("import sys\nsys.path.pop(0)\n" + code)
        (place.packages / "app_crate" / "__init__.py").write_text("")
        done = run(
            [sys.executable, str(place.packages / "script.py")],
            env={**os.environ, **place.environment()},
            check=False,
            capture_output=True,
            text=True,
        )
        assert expected in done.stdout + done.stderr


def test_the_library_on_disk_is_not_loaded_into_the_executable(place: Place) -> None:
    place.add_library()
    page = place.start(*as_executable(place)).page()
    about = page.invoke("about")
    assert about["libraries"] == []
    assert about["one module"] is True


def test_an_environment_of_another_python_is_named(place: Place) -> None:
    empty = place.home / "empty"
    empty.mkdir()
    env = {**os.environ, **place.environment(), "VIRTUAL_ENV": str(empty)}
    done = run(as_executable(place), env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{empty}` is no environment for this app" in done.stderr


def test_a_whole_python_is_shipped_with_the_executable(place: Place) -> None:
    """As a package for Linux installs it: `bin/`, and the resources in `lib/<name>/`."""
    program = place.home / "usr" / "bin" / "app-crate"
    program.parent.mkdir(parents=True)
    shutil.copy(built("app-crate"), program)
    resources = place.home / "usr" / "lib" / "App crate"
    library = resources / "lib" / Path(sysconfig.get_path("stdlib")).name
    library.mkdir(parents=True)
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name != "site-packages":
            (library / entry.name).symlink_to(entry)
    # An editable install of `transom` is a `.pth` file, which is not read through another one.
    packages = [place.packages, Path(transom.__file__).parents[1]]
    (library / "site-packages").mkdir()
    (library / "site-packages" / "all.pth").write_text(
        "\n".join(map(str, [*packages, sysconfig.get_path("purelib")]))
    )
    python = resources / "bin" / "python3"
    python.parent.mkdir()
    base = Path(sys.base_prefix) / "bin" / library.name
    python.write_text(f'#!/bin/sh\nexec {base} "$@"\n')
    python.chmod(0o755)
    app = place.start(str(program), VIRTUAL_ENV="", PYTHONPATH="/nowhere", PYTHONHOME="/nowhere")
    page = app.page()
    assert wait_for(text(page, "python")).startswith(f"Hello Ada, from Python {VERSION}.")
    assert wait_for(text(page, "rust")).startswith("Hello Ada, from Rust")
    assert page.invoke("about")["prefix"] == str(resources)


PYFUNC = """
const invoke = (command, ...rest) => window.__TAURI_INTERNALS__.invoke(command, ...rest);
const answer = (it) => it instanceof ArrayBuffer ? [...new Uint8Array(it)] : it;
return await invoke("plugin:pytauri|pyfunc", new TextEncoder().encode(args[1]), {
  headers: {pyfunc: args[0]},
}).then(answer, (error) => `error: ${error}`);
"""


def test_pages_with_the_client_of_pytauri_are_answered(place: Place) -> None:
    main = place.packages / "app_crate" / "__main__.py"
    echo = """@commands.command()
async def echo(body: int) -> int:
    return body


@commands.command()
async def open_third(app_handle: transom.AppHandle) -> None:
    url = transom.WebviewUrl.App("index.html")
    transom.webview.WebviewWindowBuilder.build(app_handle, "third", url)


if __name__"""
    main.write_text(
        MAIN.replace("if __name__", echo).replace("import transom\n", "import transom.webview\n")
    )
    app = place.start(*as_package(place))
    page = app.page("main")
    assert page.run(PYFUNC, "echo", "7") == 7
    assert "int_parsing" in page.run(PYFUNC, "echo", '"x"')
    assert page.run(PYFUNC, "nobody", "") == "error: no python handler `nobody` found"
    assert page.run(PYFUNC, "open_third", "") is None
    # No capability of the crate names it.
    assert "not allowed" in app.page("third").run(PYFUNC, "echo", "7")
