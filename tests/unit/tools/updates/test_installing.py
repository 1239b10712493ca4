"""Tests that a new version takes the place of the old one, which is kept until it has started."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from transom._updates.client import installing
from transom._updates.client.installing import Installation, Installed
from transom._updates.client.starting import restart
from transom.updates import UntrustedError, UpdateError, started

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="not done on Windows")


def passes(file: Path) -> None:
    """Lets every file through."""


def refuses(file: Path) -> None:
    raise UntrustedError(f"{file.name} was changed")


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The AppImage from which this process seems to run."""
    path = tmp_path / "apps" / "App.AppImage"
    path.parent.mkdir()
    path.write_bytes(b"the old one")
    path.chmod(0o755)
    monkeypatch.setenv("APPIMAGE", str(path))
    monkeypatch.setenv("APPDIR", sys.prefix)
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    file = tmp_path / "new.AppImage"
    file.write_bytes(b"the new one")
    file.chmod(0o644)
    return file


def names(folder: Path) -> set[str]:
    return {it.name for it in folder.iterdir()}


def test_an_app_image_is_replaced_and_kept_until_the_new_one_has_started(
    image: Path, new: Path
) -> None:
    found = installing.install(new, Installation.here(), passes)
    assert found == Installed("appimage", image, image.with_name("App.AppImage.old"))
    assert (image.read_bytes(), image.stat().st_mode & 0o777) == (b"the new one", 0o755)
    assert found.kept is not None
    assert (found.kept.read_bytes(), found.kept.stat().st_mode & 0o777) == (b"the old one", 0o755)
    assert names(image.parent) == {"App.AppImage", "App.AppImage.old"}
    assert started()
    assert names(image.parent) == {"App.AppImage"}
    assert not started()


def test_what_is_refused_changes_nothing(image: Path, new: Path) -> None:
    with pytest.raises(UntrustedError):
        installing.install(new, Installation.here(), refuses)
    assert names(image.parent) == {"App.AppImage"}
    assert image.read_bytes() == b"the old one"


def test_what_is_checked_is_what_is_installed(image: Path, new: Path) -> None:
    """Whoever changes the download after the check changes nothing."""

    def check(file: Path) -> None:
        assert file.read_bytes() == b"the new one"
        assert file != new
        new.write_bytes(b"changed")

    installing.install(new, Installation.here(), check)
    assert image.read_bytes() == b"the new one"


def test_a_disk_that_fills_changes_nothing(
    image: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, path: Path) -> None:
        path.write_bytes(b"half")
        raise UpdateError("no space left")

    monkeypatch.setattr(installing, "copy", full)
    with pytest.raises(UpdateError, match="no space left"):
        installing.install(new, Installation.here(), passes)
    assert names(image.parent) == {"App.AppImage"}


def test_an_app_image_of_another_program_is_not_replaced(
    image: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A terminal in an AppImage gives its variables to what is started in it."""
    monkeypatch.setenv("APPDIR", str(tmp_path / "mounted"))
    with pytest.raises(UpdateError, match="runs from neither"):
        Installation.here()
    assert not started()
    assert image.read_bytes() == b"the old one"


def archive(tmp_path: Path, *folders: str) -> Path:
    for folder in folders:
        (tmp_path / "build" / folder).mkdir(parents=True)
        (tmp_path / "build" / folder / "program").write_text("new")
    file = tmp_path / "app_x86_64.tar.xz"
    with tarfile.open(file, "w:xz") as tar:
        for folder in folders:
            tar.add(tmp_path / "build" / folder, arcname=folder)
    return file


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    folder = tmp_path / "apps" / "app"
    folder.mkdir(parents=True)
    (folder / "program").write_text("old")
    return folder


def test_a_folder_is_replaced(tmp_path: Path, unpacked: Path) -> None:
    found = installing.install(archive(tmp_path, "app-2"), Installation.at(unpacked), passes)
    assert (unpacked / "program").read_text() == "new"
    assert found.kept is not None
    assert (found.kept / "program").read_text() == "old"
    assert names(unpacked.parent) == {"app", "app.old"}
    assert started(unpacked)
    assert names(unpacked.parent) == {"app"}


def test_an_archive_that_cannot_be_unpacked_changes_nothing(tmp_path: Path, unpacked: Path) -> None:
    broken = tmp_path / "broken.tar.xz"
    broken.write_bytes(b"no archive")
    for file, said in (
        (broken, "cannot be unpacked"),
        (archive(tmp_path, "one", "two"), "one folder at its top"),
    ):
        with pytest.raises(UpdateError, match=said):
            installing.install(file, Installation.at(unpacked), passes)
    assert (unpacked / "program").read_text() == "old"
    assert names(unpacked.parent) == {"app"}


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test puts the programs of the system."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return folder


PACKAGE = Installation("deb", Path(sys.executable))


def test_a_package_is_installed_by_the_system(tmp_path: Path, new: Path, system: Path) -> None:
    program(system, "pkexec", f'echo "$@" >{tmp_path}/asked; cat "$4" >{tmp_path}/got')
    found = installing.install(new, PACKAGE, passes)
    assert (found.kind, found.kept) == ("deb", None)
    asked = (tmp_path / "asked").read_text().split()
    assert asked[:3] == ["apt-get", "install", "--yes"]
    assert asked[3].endswith("/new.AppImage")
    assert (tmp_path / "got").read_bytes() == b"the new one"
    assert not Path(asked[3]).exists()


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("exit 126", "an administrator has to allow it"),
        ("echo 'E: no libfoo' >&2; exit 100", "not installed: E: no libfoo"),
    ],
)
def test_a_package_that_the_system_refuses_is_said(
    new: Path, system: Path, ends: str, said: str
) -> None:
    program(system, "pkexec", ends)
    with pytest.raises(UpdateError, match=said):
        installing.install(new, PACKAGE, passes)


def test_a_system_that_cannot_ask_is_said(
    new: Path, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(system))
    with pytest.raises(UpdateError, match="there is no pkexec"):
        installing.install(new, PACKAGE, passes)


def test_a_package_that_was_changed_asks_nobody(tmp_path: Path, new: Path, system: Path) -> None:
    program(system, "pkexec", f"touch {tmp_path}/asked")
    with pytest.raises(UntrustedError):
        installing.install(new, PACKAGE, refuses)
    assert not (tmp_path / "asked").exists()


def test_the_interpreter_of_the_system_is_no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "_is_of_package", lambda _: True)
    monkeypatch.setattr(sys, "prefix", "/opt/app")
    assert Installation.here().kind == "deb"
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert Installation.kind_here() is None


APP = """
import sys
from pathlib import Path
from transom._updates.client.installing import Installed
from transom._updates.client.starting import restart

class App:
    def exit(self, code):
        Path(sys.argv[1], "ended").write_text("")

image = Path(sys.argv[2])
restart(App(), Installed("appimage", image, image.with_name(image.name + ".old")))
"""


def wait_for(there: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not there():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


@pytest.mark.parametrize("fails", [False, True])
def test_the_new_one_starts_when_the_app_has_ended_and_the_old_one_if_it_fails(
    tmp_path: Path, fails: bool
) -> None:
    room = tmp_path / "apps"
    code = 3 if fails else 0
    program(
        room,
        "App",
        f'cat {room}/ended && echo "$@:$APPDIR:$TRANSOM_UPDATE_TRIED" >{room}/new; exit {code}',
    )
    program(room, "App.old", f'echo "$@:$TRANSOM_UPDATE_TRIED" >{room}/old')
    (tmp_path / "app.py").write_text(APP)
    command = [sys.executable, str(tmp_path / "app.py"), str(room), str(room / "App")]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, "APPDIR": "/mounted"})
    wait_for((room / ("old" if fails else "new")).exists)
    assert (room / "new").read_text() == f"{room} {room / 'App'}::1\n"
    assert not fails or (room / "old").read_text().endswith("App:\n")
    # The old one is in its place again only if the new one has failed.
    assert (room / "App.old").exists() != fails
    assert (room / "old").exists() == fails


def test_a_command_that_is_not_known_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.delattr(sys.modules["__main__"], "__file__")

    class App:
        def exit(self, exit_code: int, /) -> None:
            raise AssertionError("the app was ended")

    with pytest.raises(UpdateError, match="say by `command=`"):
        restart(App(), Installed("tar", Path("/x"), None))
