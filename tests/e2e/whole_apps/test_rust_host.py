"""Tests an app written in Rust that calls Python: `examples/rust-host`, installed and run."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import App, Finished, Page, environment, run_to_end

from transom.testing.webdriver import Driver, wait_for

ROOT = Path(__file__).parents[3]
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "rust-host"
COMMANDS = (ROOT / "examples" / "rust-host" / "commands.py").read_text()
TOUCHES_THE_APP = "from transom import AppHandle\nimport os, sys, time\nfrom pathlib import Path\n"


class Host:
    """The app, installed in a folder of its own with some `commands.py`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._drivers: list[Driver] = []

    def install(self, commands: str) -> Path:
        """As a package for Linux does it: `bin/` and, for the resources, `lib/<name>/`."""
        if not BINARY.exists():
            pytest.fail(f"{BINARY} is missing; build it: cargo build -p rust-host")
        module = self.home / "lib" / "Rust host" / "python" / "commands.py"
        module.parent.mkdir(parents=True)
        module.write_text(commands)
        (self.home / "bin").mkdir()
        return Path(shutil.copy(BINARY, self.home / "bin"))

    def environment(self) -> dict[str, str]:
        return {**environment(self.home), "VIRTUAL_ENV": sys.prefix}

    def start(self, commands: str = COMMANDS, **env: str) -> Page:
        """Starts it under WebDriver."""
        binary = self.install(commands)
        driver = Driver(self.home / "output.log", self.environment() | env)
        self._drivers.append(driver)
        driver.start(str(binary), [])
        return App(self.home, driver).page()

    def run(self, commands: str) -> Finished:
        """Runs it to its own end. The page calls what it calls as soon as it is there."""
        return run_to_end(self.install(commands), self.environment(), python="/usr/bin/env")

    def close(self) -> None:
        for driver in self._drivers:
            driver.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.close()


def text(page: Page, output: str) -> Callable[[], str]:
    """What the page shows for a call."""
    return lambda: page.focus().find(f"#{output}").text


def test_commands_in_rust_and_in_python_answer_on_one_page(host: Host) -> None:
    page = host.start()
    version = "{}.{}.".format(*sys.version_info)
    assert wait_for(text(page, "rust")) == "Hello Ada, from Rust"
    assert wait_for(text(page, "python")).startswith(f"Hello Ada, from Python {version}")
    assert wait_for(text(page, "count")) == "25"
    assert wait_for(text(page, "title")) == "Rust host"
    assert page.invoke("greet_in_python", {"name": "Bo"}).startswith("Hello Bo, from Python")
    assert page.failure("nobody_home").code == "unknown-command"


def test_calls_wait_while_python_starts(host: Host) -> None:
    gate = host.home / "gate"
    slow = f"while not Path({str(gate)!r}).exists():\n    time.sleep(0.01)\n"
    page = host.start(TOUCHES_THE_APP + slow + COMMANDS)
    assert wait_for(text(page, "rust")) == "Hello Ada, from Rust"
    late = "window.late = transom.pyInvoke('greet_in_python', {name: 'Cy'}); return 1"
    assert page.run(late) == 1
    assert text(page, "python")() == ""
    gate.touch()
    assert wait_for(text(page, "python")).startswith("Hello Ada, from Python")
    assert page.run("return await window.late").startswith("Hello Cy, from Python")


def test_an_import_that_fails_is_the_answer_to_every_call(host: Host) -> None:
    page = host.start("import no_such_module\n")
    assert "No module named 'no_such_module'" in wait_for(text(page, "python"))
    error = page.failure("greet_in_python", {"name": "Di"})
    assert error.code == "unavailable"
    assert "ModuleNotFoundError: No module named 'no_such_module'" in error.message
    assert wait_for(text(page, "rust")) == "Hello Ada, from Rust"
    wait_for(lambda: "Traceback" in page.driver.output(), what="the traceback")


def test_a_module_without_commands_says_what_to_write(host: Host) -> None:
    error = host.start("commands = 1\n").failure("greet_in_python", {"name": "Ed"})
    assert error.code == "unavailable"
    assert "write `commands = Commands()`" in error.message


def test_an_environment_of_no_use_is_named(host: Host, tmp_path: Path) -> None:
    page = host.start(VIRTUAL_ENV=str(tmp_path / "empty"))
    error = page.failure("greet_in_python", {"name": "Flo"})
    assert error.code == "unavailable"
    assert f"the virtual environment {tmp_path / 'empty'} has no folder" in error.message


AT_THE_END = """
import asyncio, time
from transom import AppHandle, Commands
commands = Commands()


@commands.command()
async def count(body: int) -> None:
    try:
        await asyncio.sleep(1000)
    finally:
        print("cancelled and cleaned up")


@commands.command()
def greet_in_python() -> None:
    time.sleep(1000)


@commands.command()
async def title(app_handle: AppHandle) -> None:
    while [call.state for call in app_handle.calls()] != ["running"] * 3:
        await asyncio.sleep(0.01)
    app_handle.exit(0)
"""


def test_the_end_cancels_what_runs_and_leaves_behind_what_cannot_be(host: Host) -> None:
    done = host.run(AT_THE_END)
    assert done.code == 0, done.output
    assert "cancelled and cleaned up" in done.output


ONE_HALF = """
import transom._native
from transom import AppHandle, Commands
commands = Commands()
print("native file:", getattr(transom._native, "__file__", None))
print("a library too:", "transom/_native" in open("/proc/self/maps").read())


@commands.command()
async def title(app_handle: AppHandle) -> None:
    app_handle.exit(0)
"""


def test_the_library_of_the_environment_is_not_loaded(host: Host) -> None:
    done = host.run(ONE_HALF)
    assert "native file: None" in done.output
    assert "a library too: False" in done.output
    assert done.code == 0


def test_the_app_ends_while_python_still_imports(host: Host) -> None:
    pid = host.home / "pid"
    stuck = f"Path({str(pid)!r}).write_text(str(os.getpid()))\ntime.sleep(1000)\n"
    page = host.start(TOUCHES_THE_APP + stuck)
    number = int(wait_for(lambda: pid.exists() and pid.read_text()) or 0)
    page.focus().close_window()
    wait_for(lambda: has_ended(number), what="the end of the app")


def has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"
