"""Tests an app that `transom build` has made, moved to another place, in a real window."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import App, write_app
from xdotool import Window

from transom.testing.webdriver import Driver, environment, wait_for

SOURCE = """
import os, sys
from pathlib import Path

from transom import AppHandle, Commands, Manager, ProcessPool, run
from transom._program.command import start_command

from parts import double

commands = Commands()


@commands.command()
def twice(body: int) -> int:
    return double(body)


@commands.command(executor="process")
def in_worker(body: int) -> list[object]:
    return [double(body), sys.executable, os.getpid()]


@commands.command()
def places(app_handle: AppHandle) -> dict[str, object]:
    return {
        "path": sys.path,
        "resources": str(Manager.path(app_handle).resource_dir()),
        "start": start_command(Path(sys.executable)),
        "environment": sorted(os.environ),
        "pid": os.getpid(),
    }


if __name__ == "__main__":
    sys.exit(run(commands, Path(__file__).parent, executors={"process": ProcessPool(workers=1)}))
"""
KEPT = (
    "DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS TAURI_WEBVIEW_AUTOMATION WEBKIT_INSPECTOR_SERVER"
)
"""What a desktop sets, and the driver."""
CONFIG = {
    "productName": "Small One",
    "version": "1.2.0-beta.1",
    "plugins": {"deep-link": {"desktop": {"schemes": ["small"]}}},
}


def build(folder: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Runs `transom build` for one of each kind, compressed as little as can be."""
    command = [sys.executable, "-m", "transom", "build", str(folder), "--output", str(output)]
    options = ["--format", "deb,tar.xz", "--compression", "0", "--quiet"]
    return subprocess.run([*command, *options], check=False, text=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the finished files."""
    tmp = tmp_path_factory.mktemp("built")
    files = {"parts.py": "def double(number: int) -> int:\n    return 2 * number\n"}
    write_app(tmp / "app", SOURCE, config=CONFIG, files=files)
    done = build(tmp / "app", tmp / "output")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    # A build leaves nothing but its files.
    assert {it.suffix for it in (tmp / "output").iterdir()} == {".deb", ".xz"}
    shutil.rmtree(tmp / "app")
    return tmp / "output"


@pytest.fixture
def moved(built: Path, tmp_path: Path) -> Path:
    """The app in a folder of another name."""
    (archive,) = built.glob("*.tar.xz")
    with tarfile.open(archive) as content:
        content.extractall(tmp_path / "first", filter="fully_trusted")
    (folder,) = (tmp_path / "first").iterdir()
    assert folder.name == "small-one-1.2.0-beta.1"
    return folder.rename(tmp_path / "another place")


@pytest.fixture
def app(moved: Path, tmp_path: Path) -> Iterator[App]:
    names = [*KEPT.split(), *environment(tmp_path)]
    kept = " ".join(f'{it}="${it}"' for it in names if it.startswith("XDG") or it in KEPT)
    # By a link, as from `/usr/bin`.
    (tmp_path / "link").symlink_to(moved / "small-one")
    starter = tmp_path / "start"
    starter.write_text(f'#!/bin/sh\nexec env -i {kept} "{tmp_path}/link" "$@"\n')
    starter.chmod(0o755)
    driver = Driver(tmp_path / "output.log", environment(tmp_path), Path("/"))
    try:
        driver.start(str(starter), [])
        yield App(moved / "app", driver)
    finally:
        driver.close()


def test_a_moved_app_runs_with_an_empty_environment(app: App, moved: Path) -> None:
    page = app.page()
    assert page.invoke("twice", 4) == 8
    doubled, program, worker = page.invoke("in_worker", 4)
    assert (doubled, program) == (8, f"{moved}/runtime/bin/small-one")
    places = page.invoke("places")
    assert all(it.startswith(str(moved)) for it in places["path"]), places["path"]
    assert places["resources"] == f"{moved}/app"
    assert places["start"] == [f"{moved}/small-one"]
    assert "PATH" not in places["environment"]
    os.kill(places["pid"], signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{worker}").exists(), what="the end of the worker")


def test_an_app_that_cannot_start_says_so_in_a_dialog(moved: Path, tmp_path: Path) -> None:
    """Its own error, also before it imports the package, and a library that cannot be loaded."""
    kept = {it: os.environ[it] for it in KEPT.split()[:3] if it in os.environ}
    none = subprocess.DEVNULL
    env = {**kept, "XDG_DATA_HOME": str(tmp_path / "data")}
    (native,) = moved.rglob("transom/_native.abi3.so")
    script = moved / "app" / "app.py"
    logs = tmp_path / "data" / "dev.transom.e2e" / "logs"
    for broken, says in ((native, "ImportError: "), (script, "SyntaxError: ")):
        broken.write_text("(")
        command = str(moved / "small-one")
        app = subprocess.Popen(command, env=env, stdin=none, stdout=none, stderr=none)
        try:
            Window("Small One could not start").key("Return")
            assert app.wait(60) == 1
        finally:
            app.kill()
            app.wait()
        *_, last = sorted(logs.iterdir())
        assert last.read_text().startswith("Small One 1.2.0-beta.1 could not start")
        assert f"\n{says}" in last.read_text()


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg is of Debian")
def test_a_package_of_debian_says_what_it_needs(built: Path, tmp_path: Path) -> None:
    (package,) = built.glob("*.deb")

    def ask(*arguments: str) -> str:
        command = ["dpkg-deb", *arguments]
        return subprocess.run(command, check=True, text=True, capture_output=True).stdout

    assert ask("--field", str(package), "Version").strip() == "1.2.0~beta.1"
    needed = ask("--field", str(package), "Depends")
    for name in ("libc6 (>= 2.", "libwebkit2gtk-4.1-0", "libayatana-appindicator3-1", "zlib1g"):
        assert name in needed
    ask("--extract", str(package), str(tmp_path))
    share = tmp_path / "usr" / "share"
    entry = (share / "applications" / "dev.transom.e2e.desktop").read_text()
    assert "\nExec=small-one %U\n" in entry
    assert "\nMimeType=x-scheme-handler/small;\n" in entry
    assert "Python Software Foundation" in (share / "doc/small-one/copyright").read_text()
    assert list(share.glob("icons/hicolor/*/apps/small-one.png"))
    assert (tmp_path / "usr/bin/small-one").resolve() == tmp_path / "usr/lib/small-one/small-one"
    names = {it.name for it in (tmp_path / "usr/lib/small-one").rglob("*.so")}
    assert not any(it.startswith(("readline", "_gdbm")) for it in names)
