"""Tests the writers for macOS and Windows, on a made-up payload and on this system."""

from __future__ import annotations

import dataclasses
import json
import os
import plistlib
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from transom._bundle import build, desktop, interpreter, packages, project
from transom._bundle.binaries.libraries import Asked
from transom._bundle.build import BuildOptions
from transom._bundle.errors import BuildError
from transom._bundle.formats import app, dmg, icons, nsis, nsis_script
from transom._bundle.formats.signing import Signing
from transom._bundle.payload import Payload

MACH_O = bytes.fromhex("cffaedfe") + bytes(28)
CONFIG: dict[str, Any] = {
    "productName": 'Small $App "1"',
    "version": "1.0.0-beta.1",
    "identifier": "com.example.small",
    "build": {"frontendDist": "frontend"},
    "plugins": {"deep-link": {"desktop": {"schemes": ["small"]}}},
}
ASSOCIATIONS = [{"ext": ["sml"], "mimeType": "application/x-sml", "name": "Small file"}]
Make = Callable[..., Payload]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a payload without an interpreter, with `bundle` in its configuration."""

    def make(**bundle: Any) -> Payload:
        root, home = tmp_path / "small", tmp_path / "payload"
        config = {**CONFIG, "bundle": {"fileAssociations": ASSOCIATIONS, **bundle}}
        files = {
            root / "app.py": b"print()",
            root / "frontend/index.html": b"<!doctype html>",
            root / "tauri.conf.json": json.dumps(config).encode(),
            root / "pyproject.toml": b'[tool.transom.build]\nname = "small"\n',
            home / "app/app.py": b"print()",
            home / "licences/index.txt": b"small: MIT\n",
            home / "runtime/small.exe": b"MZ",
            home / "runtime/bin/small": MACH_O,
            home / "runtime/lib/deep/module.so": MACH_O,
            home / "runtime/lib/Thing.class": bytes.fromhex("cafebabe00000034"),
        }
        for file, data in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return Payload(project.read(root), home, Asked((), ()))

    return make


def signed(made: Payload, log: Path) -> Payload:
    """The payload with a command that writes down what it signs."""
    command = f"sh -c 'echo $0 >>{log}' {{file}}"
    return dataclasses.replace(made, signing=Signing(command))


def on_the_path(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """Puts a program in place of one that is not here."""
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


# The program for macOS.


@pytest.mark.skipif(os.name == "nt", reason="it has links and a script")
def test_an_app_of_macos_has_what_the_system_looks_for(make: Make, tmp_path: Path) -> None:
    made = signed(make(copyright="© Ada"), tmp_path / "log")
    file = tmp_path / app.name(made)
    app.write(made, file, 0)
    info = plistlib.loads((file / "Contents/Info.plist").read_bytes())
    assert info["CFBundleExecutable"] == "small"
    assert info["CFBundleName"] == 'Small $App "1"'
    assert (info["CFBundleShortVersionString"], info["CFBundleVersion"]) == (
        "1.0.0-beta.1",
        "1.0.0",
    )
    assert info["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["small"]
    assert info["CFBundleDocumentTypes"][0]["CFBundleTypeExtensions"] == ["sml"]
    assert info["NSHumanReadableCopyright"] == "© Ada"
    assert (file / "Contents/Resources" / info["CFBundleIconFile"]).read_bytes()[:4] == b"icns"
    # The programs are signed, the innermost first, and neither text nor what begins like one.
    lines = [Path(it).name for it in (tmp_path / "log").read_text().splitlines()]
    assert lines == ["module.so", "small"]


@pytest.mark.skipif(os.name == "nt", reason="it has links and a script")
def test_the_launcher_of_an_app_starts_its_interpreter(make: Make, tmp_path: Path) -> None:
    made = make()
    file = tmp_path / app.name(made)
    app.write(made, file, 0)
    (file / "Contents/Resources/runtime/bin/small").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (file / "Contents/Resources/runtime/bin/small").chmod(0o755)
    launcher = file / "Contents/MacOS/small"
    done = subprocess.run([launcher, "a b"], check=True, text=True, capture_output=True, env={})
    *flags, script, argument = done.stdout.splitlines()
    assert flags == ["-E", "-s", "-X", f"transom.launcher={launcher.resolve()}"]
    assert Path(script).resolve() == (file / "Contents/Resources/app/app.py").resolve()
    assert argument == "a b"


def test_the_property_list_of_the_author_adds_and_replaces(make: Make) -> None:
    found = make().project
    own = found.configured / "Info.plist"
    own.write_bytes(plistlib.dumps({"NSCameraUsageDescription": "To see", "CFBundleName": "S"}))
    info = app.info(found)
    assert (info["NSCameraUsageDescription"], info["CFBundleName"]) == ("To see", "S")
    own.write_text("no list")
    with pytest.raises(BuildError, match="no property list"):
        app.check(found)


@pytest.mark.skipif(os.name == "nt", reason="hdiutil's place is taken by a script")
def test_a_disk_image_has_the_signed_app_and_a_way_to_the_applications(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = signed(make(), tmp_path / "log")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BuildError, match="part of macOS"):
        dmg.check(made.project)
    monkeypatch.undo()
    listing = tmp_path / "listing"
    on_the_path(
        tmp_path,
        monkeypatch,
        "hdiutil",
        f'for it; do last=$it; done; ls "$5" >{listing}; echo "$@" >"$last"',
    )
    dmg.check(made.project)
    file = tmp_path / dmg.name(made)
    dmg.write(made, file, 9)
    assert "-format UDZO -imagekey zlib-level=9" in file.read_text()
    assert listing.read_text().splitlines() == ["Applications", app.name(made)]
    assert (tmp_path / "log").read_text().splitlines()[-1].endswith(app.name(made))
    on_the_path(tmp_path, monkeypatch, "hdiutil", "echo no room >&2; exit 1")
    with pytest.raises(BuildError, match="`hdiutil` failed: no room"):
        dmg.write(made, file, 9)


# The installer for Windows.


def test_the_script_of_the_installer_says_what_the_app_opens(make: Make, tmp_path: Path) -> None:
    found = make().project
    given = nsis_script.Installer(
        project=found,
        payload=tmp_path / "payload",
        program=tmp_path / "small.exe",
        icon=tmp_path / "icon.ico",
        file=tmp_path / "setup.exe",
        per_machine=False,
        licence=None,
        level=9,
        sign='signtool sign "%1"',
    )
    script = nsis_script.installer(given)
    assert 'Name "Small $$App $\\"1$\\""' in script
    assert 'InstallDir "$LOCALAPPDATA\\Programs\\small"' in script
    assert 'WriteRegStr SHCTX "Software\\Classes\\small" "URL Protocol" ""' in script
    assert '"Software\\Classes\\.sml\\OpenWithProgids" "com.example.small.sml"' in script
    assert '!uninstfinalize `signtool sign "%1"` = 0' in script
    everyone = nsis_script.installer(dataclasses.replace(given, per_machine=True))
    assert "RequestExecutionLevel admin" in everyone
    assert "SetShellVarContext all" in everyone


def test_the_program_that_starts_the_app_on_windows_hands_its_arguments_on(
    make: Make, tmp_path: Path
) -> None:
    script = nsis_script.launcher(make().project, tmp_path / "icon.ico", tmp_path / "small.exe")
    wanted = (
        'ExecWait `"$EXEDIR\\runtime\\small.exe" -E -s -X "transom.launcher=$EXEDIR\\small.exe" '
        '"$EXEDIR\\app\\app.py" $R0` $R1'
    )
    assert wanted in script


def test_an_installer_is_written_where_nsis_is(make: Make, tmp_path: Path) -> None:
    if shutil.which("makensis") is None:
        with pytest.raises(BuildError, match=r"winget install NSIS\.NSIS"):
            nsis.check(make().project)
        return
    licence = tmp_path / "small" / "EULA.txt"
    made = make(licenseFile="EULA.txt")
    licence.write_text("Be kind.")
    made = signed(made, tmp_path / "log")
    nsis.check(made.project)
    for name in ("one.exe", "two.exe"):
        nsis.write(made, tmp_path / name, 0)
    assert (tmp_path / "one.exe").read_bytes()[:2] == b"MZ"
    assert (tmp_path / "one.exe").read_bytes() == (tmp_path / "two.exe").read_bytes()
    assert Path((tmp_path / "log").read_text().splitlines()[0]).name == "small.exe"


@pytest.mark.skipif(os.name == "nt", reason="the place of NSIS is taken by a script")
def test_what_is_wrong_with_an_installer_is_said(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_the_path(tmp_path, monkeypatch, "makensis", "echo bad line; exit 1")
    both = make(windows={"nsis": {"installMode": "both"}}).project
    with pytest.raises(BuildError, match="there are currentUser and perMachine"):
        nsis.check(both)
    with pytest.raises(BuildError, match="EULA"):
        nsis.check(make(licenseFile="EULA.txt").project)
    made = make()
    nsis.check(made.project)
    with pytest.raises(BuildError, match="`makensis` failed:\nbad line"):
        nsis.write(made, tmp_path / "setup.exe", 0)
    assert nsis.name(made).startswith("small_1.0.0-beta.1_")


# Icons.


def picture(made: Payload, width: int) -> bytes:
    """A PNG whose head says this width."""
    (drawn,) = desktop.icons(made.project)
    return drawn.data[:16] + struct.pack(">II", width, width) + drawn.data[24:]


def test_icons_are_made_of_the_pngs_that_fit(make: Make, tmp_path: Path) -> None:
    made = make()
    sizes = {32: picture(made, 32), 256: picture(made, 256), 512: picture(made, 512)}
    for width, data in sizes.items():
        (tmp_path / "small" / f"{width}.png").write_bytes(data)
    made = make(icon=[f"{it}.png" for it in sizes])
    image = icons.icns(made.project)
    assert struct.unpack(">4sI", image[:8]) == (b"icns", len(image))
    at, kinds = 8, list[bytes]()
    while at < len(image):
        kind, size = struct.unpack(">4sI", image[at : at + 8])
        kinds.append(kind)
        at += size
    assert kinds == [b"ic11", b"ic08", b"ic09"]
    image = icons.ico(made.project)
    assert struct.unpack("<HHH", image[:6]) == (0, 1, 2)
    width, *_, size, start = struct.unpack("<BBBBHHII", image[22:38])
    assert (width, image[start : start + size]) == (0, sizes[256])


def test_icons_that_do_not_fit_are_said_and_those_that_are_made_are_taken(
    make: Make, tmp_path: Path
) -> None:
    odd = tmp_path / "small" / "odd.png"
    large = picture(make(), 500)
    odd.write_bytes(large)
    made = make(icon=["odd.png"])
    with pytest.raises(BuildError, match="macOS wants an icon of 128"):
        icons.icns(made.project)
    with pytest.raises(BuildError, match="at most 256 pixels"):
        icons.ico(made.project)
    for name in ("own.icns", "own.ico"):
        (tmp_path / "small" / name).write_bytes(name.encode())
    made = make(icon=["odd.png", "own.icns", "own.ico"])
    assert icons.icns(made.project) == b"own.icns"
    assert icons.ico(made.project) == b"own.ico"


# The interpreters, in the form that they have there.


def test_an_interpreter_of_windows_is_copied_from_where_its_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, target = tmp_path / "base", tmp_path / "runtime"
    names = [
        "python.exe", "pythonw.exe", "python3.dll", "python311.dll", "Lib/os.py",
        "Lib/tkinter/__init__.py", "Lib/site-packages/pip.py", "DLLs/_ssl.pyd",
        "DLLs/_tkinter.pyd", "DLLs/tcl86t.dll",
    ]  # fmt: skip
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(name)

    def ask(_program: Path, _code: str) -> list[str]:
        return [str(target), str(target), str(target / "Lib" / "site-packages")]

    monkeypatch.setattr(interpreter, "ask", ask)
    monkeypatch.setattr(sys, "base_prefix", str(base))
    monkeypatch.setattr(sys, "platform", "win32")
    found = interpreter.copy(target, "small")
    files = {it.relative_to(target).as_posix() for it in target.rglob("*") if it.is_file()}
    wanted = {"small.exe", "python3.dll", "python311.dll", "Lib/os.py", "DLLs/_ssl.pyd"}
    assert files == wanted
    assert found.program.read_text() == "pythonw.exe"
    assert found.packages == target / "Lib" / "site-packages"


def test_a_framework_of_macos_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(interpreter.sysconfig, "get_config_var", lambda _name: "Python")
    with pytest.raises(BuildError, match="framework of macOS"):
        interpreter.copy(tmp_path / "runtime", "small")


def test_a_wheel_that_is_for_other_systems_only_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for system in ("win_amd64", "macosx_11_0_arm64"):
        (tmp_path / f"odd_thing-1.0-cp311-cp311-{system}.whl").touch()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    lock = tmp_path / "requirements.lock"
    lock.write_text("odd-thing==1.0\n")
    with pytest.raises(BuildError, match="Of a package that has none, lock another version"):
        packages.install(lock, tmp_path / "site")
    assert "odd-thing==1.0" in capfd.readouterr().err

    def none(_name: str) -> None:
        return None

    monkeypatch.setattr(packages, "find_spec", none)
    with pytest.raises(BuildError, match="`lock` needs pip"):
        packages.install(lock, tmp_path / "site")


# Which formats there are.


@pytest.mark.parametrize(
    ("system", "formats"),
    [("linux", ["deb", "tar.xz"]), ("darwin", ["app", "dmg"]), ("win32", ["nsis"])],
)
def test_each_system_has_its_own_formats(
    make: Make, monkeypatch: pytest.MonkeyPatch, system: str, formats: list[str]
) -> None:
    found = make().project
    monkeypatch.setattr(sys, "platform", system)
    writers: Callable[..., Any] = build._writers  # pyright: ignore[reportPrivateUsage]
    assert writers(found, []) == [build.FORMATS[it] for it in formats]
    other = "deb" if system != "linux" else "nsis"
    with pytest.raises(BuildError, match="run `transom build` on"):
        writers(found, [other])
    monkeypatch.setattr(sys, "platform", "sunos")
    with pytest.raises(BuildError, match="not on sunos"):
        writers(found, [])


def test_what_a_format_needs_is_looked_for_before_anything_is_copied(
    make: Make, tmp_path: Path
) -> None:
    root = make().project.root
    said = list[str]()
    with pytest.raises(BuildError, match="begins with a runtime"):
        build.build(root, BuildOptions(["appimage"], tmp_path / "dist", 0), said.append)
    assert not said
    assert not (tmp_path / "dist").exists()


def test_a_folder_takes_the_place_of_the_one_that_was_built_before(tmp_path: Path) -> None:
    finished, output = tmp_path / "finished", tmp_path / "dist"
    for folder, text in ((finished, "new"), (output, "old")):
        (folder / "Small.app").mkdir(parents=True)
        (folder / "Small.app" / "file").write_text(text)
    moved: Callable[..., list[Path]] = build._moved  # pyright: ignore[reportPrivateUsage]
    assert moved(finished, output, tmp_path / "replaced") == [output / "Small.app"]
    assert (output / "Small.app" / "file").read_text() == "new"
