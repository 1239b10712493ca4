"""Tests what `transom build` makes of an app's folder, and what it says of bad ones."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transom._bundle import build, desktop, packages, project, sources
from transom._bundle.binaries import libraries
from transom._bundle.binaries.libraries import Asked
from transom._bundle.build import BuildOptions
from transom._bundle.errors import BuildError
from transom._bundle.formats import appimage, deb, members, tar_xz
from transom._bundle.formats.signing import Signing
from transom._bundle.payload import Payload
from transom._dev.tool.project import ProjectError, find
from transom._project.configuration import ConfigurationError

CONFIG = {"identifier": "com.example.small", "build": {"frontendDist": "frontend"}}
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes the folder of a small app, with further files, or without (`None`)."""

    def make(**files: str | None) -> Path:
        usual = {
            "app.py": "print()",
            "tauri.conf.json": json.dumps(CONFIG),
            "frontend/index.html": "<!doctype html>",
        }
        for name, text in {**usual, **files}.items():
            if text is not None:
                file = tmp_path / "small" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        return tmp_path / "small"

    return make


def nothing(_text: str) -> None:
    pass


def failure(folder: Path, *formats: str, output: Path | None = None) -> str:
    """The text of the error, after which nothing is left in the folder of the results."""
    output = output or folder / "dist"
    with pytest.raises((BuildError, ConfigurationError)) as caught:
        build.build(folder, BuildOptions(formats, output, 0), nothing)
    assert not output.exists() or not os.access(output, os.W_OK) or not list(output.iterdir())
    return str(caught.value)


def test_what_is_built_is_what_transom_dev_runs(make: Make) -> None:
    package = {"notes/__init__.py": "", "notes/__main__.py": ""}
    folder = make(**package)
    assert (project.read(folder).script, project.read(folder).module) == (None, "notes")
    assert find(None, folder).arguments == ("-m", "notes")
    make(**{"other/__init__.py": "", "other/__main__.py": ""})
    with pytest.raises(BuildError, match="not clear what starts"):
        project.read(folder)
    with pytest.raises(ProjectError, match="several apps"):
        find(None, folder)
    make(**{"pyproject.toml": '[project]\nname = "other"\n'})
    assert project.read(folder).module == "other"
    assert find(None, folder).arguments == ("-m", "other")


# Bad input.


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    assert "Tauri.toml" in failure(tmp_path)
    assert "there is no folder" in failure(tmp_path / "none")


def test_formats_that_there_are_not_are_refused_with_those_that_there_are(make: Make) -> None:
    assert "there is no format `zip`: there are `deb`, `tar.xz`, `appimage`" in failure(
        make(), "zip"
    )
    assert "`msi`, of Windows, cannot be written yet" in failure(make(), "deb", "msi")
    assert "`dmg` is for macOS, whose Python goes into it" in failure(make(), "deb", "dmg")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"app.py": None}, "not clear what starts the app"),
        ({"tauri.conf.json": "{"}, "tauri.conf.json cannot be read"),
        ({"tauri.conf.json": '{"identifier": "small"}'}, "no `identifier` like"),
        ({"tauri.conf.json": json.dumps({**CONFIG, "version": "two"})}, "version `two`"),
        ({"tauri.conf.json": json.dumps({**CONFIG, "productName": "é"})}, "no name for a program"),
        ({"pyproject.toml": "[tool.transom.build]\nformat = 1\n"}, "has `format`"),
        ({"pyproject.toml": '[tool.transom]\napp = "none.py"\n'}, "none.py"),
        ({"pyproject.toml": '[tool.transom]\napp = "none"\n'}, "no such module"),
        ({"capabilities/main.json": '{"identifier": 1}'}, "configuration is wrong"),
        (
            {"tauri.conf.json": json.dumps({**CONFIG, "bundle": {"icon": ["none.png"]}})},
            "none.png",
        ),
        (
            {
                "tauri.conf.json": json.dumps(
                    {**CONFIG, "build": {"frontendDist": "x", "beforeBuildCommand": "exit 3"}}
                )
            },
            "`build.beforeBuildCommand` failed",
        ),
        (
            {"pyproject.toml": '[project]\nname = "small"\ndependencies = ["no-such-thing>=1"]\n'},
            'pip install "no-such-thing>=1"',
        ),
        (
            {"pyproject.toml": '[project]\nname = "small"\ndependencies = ["anyio<1"]\n'},
            "`anyio<1`, but anyio",
        ),
        ({"pyproject.toml": '[tool.transom.build]\nlock = "none.lock"\n'}, "none.lock"),
        ({"pyproject.toml": "tool = 3\n"}, "`tool` is to be a table, and is 3"),
        ({"pyproject.toml": "project = 3\n"}, "`project` is to be a table"),
        ({"pyproject.toml": "[tool.transom]\nbuild = 3\n"}, "`tool.transom.build` is to be"),
        ({"pyproject.toml": "[tool.transom]\napp = 3\n"}, "`app` of `[tool.transom.build]`"),
        ({"pyproject.toml": "[tool.transom.build]\nlock = 3\n"}, "`lock` of"),
        ({"pyproject.toml": "[project]\nauthors = 3\n"}, "`project.authors` is to be a list"),
        ({"tauri.conf.json": json.dumps({**CONFIG, "productName": 3})}, "`productName` is to be"),
    ],
)
def test_what_is_wrong_is_said(
    make: Make, monkeypatch: pytest.MonkeyPatch, files: dict[str, str | None], said: str
) -> None:
    no_interpreter(monkeypatch)
    assert said in failure(make(**files), "tar.xz")


def no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the copy of the interpreter out, which takes seconds."""

    def copy(target: Path, name: str) -> Any:
        del name
        site = target / "lib" / "site-packages"
        return SimpleNamespace(program=target, packages=site, library=target, warnings=[])

    monkeypatch.setattr("transom._bundle.interpreter.copy", copy)


def test_a_full_disk_is_said_and_leaves_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_interpreter(monkeypatch)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sources, "copy", full)
    assert "is full: make room" in failure(make())


def test_an_output_that_is_no_folder_is_said(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "dist"):
        with pytest.raises(BuildError, match="is no folder, and none can be made there"):
            build.build(make(), BuildOptions((), output, 0), nothing)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said(make: Make, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "may not be written" in failure(make(), output=closed)


def test_the_command_ends_with_1_and_its_error_on_stderr(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "transom", "build", str(tmp_path)]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    assert done.returncode == 1
    assert done.stderr.startswith("transom build: there is no app in")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="apps are built on Linux")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_build_that_is_ended_leaves_nothing(
    make: Make, tmp_path: Path, ending: signal.Signals
) -> None:
    output = tmp_path / "output"
    command = [sys.executable, "-m", "transom", "build", str(make()), "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        # It has begun to copy.
        process.stdout.readline()
        assert list(output.iterdir())
        process.send_signal(ending)
        process.stdout.read()
    assert process.returncode == 128 + ending
    assert not list(output.iterdir())


# The app's files.


def test_the_app_is_copied_without_what_it_does_not_need(make: Make, tmp_path: Path) -> None:
    folder = make(
        **{
            "words/data.csv": "1",
            ".env": "secret",
            ".venv/pyvenv.cfg": "",
            "other/pyvenv.cfg": "",
            "tests/test_app.py": "",
            "node_modules/a.js": "",
            "web/package.json": "{}",
            "web/src/main.ts": "",
            "web/dist/index.html": "",
            "notes/secret.txt": "",
            "tauri.conf.json": json.dumps({**CONFIG, "build": {"frontendDist": "web/dist"}}),
            "pyproject.toml": '[tool.transom.build]\ninclude = ["tests/*"]\nexclude = ["notes"]\n',
        }
    )
    target = tmp_path / "copy"
    sources.copy(project.read(folder), target, folder / "dist")
    files = {it.relative_to(target).as_posix() for it in target.rglob("*") if it.is_file()}
    assert files == {
        "app.py",
        "frontend/index.html",
        "pyproject.toml",
        "tauri.conf.json",
        "tests/test_app.py",
        "web/dist/index.html",
        "words/data.csv",
    }


def test_resources_go_where_the_configuration_says(make: Make, tmp_path: Path) -> None:
    (tmp_path / "above.txt").write_text("above")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.txt").write_text("one")
    bundle = {"resources": {"../more": "data", "../above.txt": "own.txt"}}
    folder = make(**{"tauri.conf.json": json.dumps({**CONFIG, "bundle": bundle})})
    sources.copy(project.read(folder), tmp_path / "copy", folder / "dist")
    assert (tmp_path / "copy" / "data" / "one.txt").read_text() == "one"
    assert (tmp_path / "copy" / "own.txt").read_text() == "above"
    listed = {**CONFIG, "bundle": {"resources": ["../above.txt", "frontend/*"]}}
    folder = make(**{"tauri.conf.json": json.dumps(listed)})
    sources.copy(project.read(folder), tmp_path / "listed", folder / "dist")
    assert (tmp_path / "listed" / "_up_" / "above.txt").read_text() == "above"
    missing = {**CONFIG, "bundle": {"resources": ["none.txt"]}}
    assert "none.txt, which is not there" in failure(
        make(**{"tauri.conf.json": json.dumps(missing)})
    )


def test_a_package_is_started_as_a_module(make: Make) -> None:
    folder = make(
        **{
            "app.py": None,
            "src/small/__init__.py": "",
            "src/small/__main__.py": "",
            "tauri.conf.json": None,
            "src/small/Tauri.toml": 'identifier = "a.b"\nproduct-name = "Small One"\n',
        }
    )
    found = project.read(folder)
    assert (found.module, found.name, found.configured.name) == ("small", "small-one", "small")


def test_packages_are_found_with_what_they_need() -> None:
    names = [it.name for it in packages.needed(["pytest; python_version < '3'"])]
    assert {"transom", "anyio", "pydantic", "pydantic-core", "idna"} <= set(names)
    assert "pytest" not in names


# What is written.


def payload(make: Make, tmp_path: Path, **bundle: Any) -> Payload:
    config = {**CONFIG, "bundle": bundle, "version": "1.0.0"}
    folder = make(**{"tauri.conf.json": json.dumps(config)})
    home = tmp_path / "payload"
    (home / "licences").mkdir(parents=True)
    (home / "licences" / "index.txt").write_text("small: MIT\n")
    (home / "small").write_text("#!/bin/sh\n")
    (home / "small").chmod(0o755)
    (home / "long" / ("n" * 120)).mkdir(parents=True)
    (home / "long" / ("n" * 120) / "é").write_text("text")
    (home / "again").symlink_to("small")
    return Payload(project.read(folder), home, Asked(("libz.so.1",), (2, 34)))


@pytest.mark.parametrize("writer", [deb, tar_xz])
def test_files_are_the_same_when_they_are_written_twice(
    make: Make, tmp_path: Path, writer: Any
) -> None:
    made = payload(make, tmp_path)
    writer.write(made, tmp_path / "one", 0)
    for number, path in enumerate(sorted(made.folder.rglob("*"))):
        os.utime(path, (number, number), follow_symlinks=False)
    writer.write(made, tmp_path / "two", 0)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert not (tmp_path / "one.data").exists()


def test_an_appimage_needs_a_runtime_that_is_one(make: Make, tmp_path: Path) -> None:
    made = payload(make, tmp_path)
    with pytest.raises(BuildError, match="download the one"):
        appimage.write(made, tmp_path / "a.AppImage", 0)
    runtime = tmp_path / "small" / "runtime"
    runtime.write_bytes(b"\x7fELF" + bytes(100))
    (tmp_path / "small" / "pyproject.toml").write_text(
        '[tool.transom.build]\nappimage-runtime = "runtime"\n'
    )
    made = dataclasses.replace(made, project=project.read(tmp_path / "small"))
    with pytest.raises(BuildError, match="no runtime of AppImages"):
        appimage.write(made, tmp_path / "a.AppImage", 0)
    runtime.write_bytes(b"\x7fELF" + bytes(4) + b"AI\x02" + bytes(89))
    if shutil.which("mksquashfs") is None:
        with pytest.raises(BuildError, match="squashfs-tools"):
            appimage.write(made, tmp_path / "a.AppImage", 0)
        return
    for name in ("a", "b"):
        appimage.write(made, tmp_path / f"{name}.AppImage", 1)
    data = (tmp_path / "a.AppImage").read_bytes()
    assert data == (tmp_path / "b.AppImage").read_bytes()
    assert data[100:104] == b"hsqs"
    command = ["unsquashfs", "-o", "100", "-d", str(tmp_path / "out"), str(tmp_path / "a.AppImage")]
    subprocess.run(command, check=True, capture_output=True)
    there = {it.name for it in (tmp_path / "out").iterdir()}
    wanted = {"AppRun", ".DirIcon", "com.example.small.desktop", "small.png", "app", "usr"}
    assert there == wanted
    assert (tmp_path / "out" / "AppRun").read_text() == "#!/bin/sh\n"


def test_the_date_of_files_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert members.date() == 1_000_000_000


def test_a_library_whose_package_is_unknown_is_named(make: Make, tmp_path: Path) -> None:
    made = payload(make, tmp_path)
    odd = Payload(made.project, made.folder, Asked(("libodd.so.7",), (2, 34)))
    with pytest.raises(BuildError, match=r"libodd\.so\.7: name it in `depends`"):
        deb.write(odd, tmp_path / "odd.deb", 0)
    assert libraries.depends(made.asked)[0] == [
        "libayatana-appindicator3-1 | libappindicator3-1",
        "libc6 (>= 2.34)",
        "zlib1g",
    ]


def test_the_desktop_knows_what_the_app_opens(make: Make, tmp_path: Path) -> None:
    kinds = [{"ext": ["sml"], "mimeType": "application/x-sml", "name": "Small file"}]
    made = payload(make, tmp_path, fileAssociations=kinds, category="DeveloperTool")
    files = {it.path: it.data.decode(errors="replace") for it in desktop.files(made.project, "x")}
    entry = files["applications/com.example.small.desktop"]
    assert "\nExec=x %U\n" in entry
    assert "\nMimeType=application/x-sml;\n" in entry
    assert "\nCategories=Development;\n" in entry
    assert '<glob pattern="*.sml" />' in files["mime/packages/com.example.small.xml"]
    assert "<id>com.example.small</id>" in files["metainfo/com.example.small.metainfo.xml"]


def test_icons_go_to_the_folder_of_their_size(make: Make, tmp_path: Path) -> None:
    made = payload(make, tmp_path)
    (drawn,) = desktop.icons(made.project)
    assert drawn.path == "icons/hicolor/64x64/apps/small.png"
    icon = made.project.configured / "icons" / "icon.png"
    icon.parent.mkdir()
    icon.write_bytes(drawn.data[:16] + struct.pack(">II", 32, 32) + drawn.data[24:])
    (own,) = desktop.icons(made.project)
    assert own.path == "icons/hicolor/32x32/apps/small.png"
    icon.write_bytes(b"GIF")
    with pytest.raises(BuildError, match="is no PNG"):
        desktop.icons(made.project)


def test_a_command_signs_each_file_and_may_add_others(tmp_path: Path) -> None:
    file = tmp_path / "small.deb"
    file.write_text("text")
    Signing("cp {file} {file}.sig").sign(file)
    assert (tmp_path / "small.deb.sig").read_text() == "text"
    Signing().sign(file)
    with pytest.raises(BuildError, match="ended with 1"):
        Signing("false").sign(file)
    with pytest.raises(BuildError, match="cannot be started"):
        Signing("/no/such/program").sign(file)
