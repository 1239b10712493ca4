"""Tests `transom doctor`: what it finds on a machine and in a project, and what it mends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from transom._cli import doctor, node
from transom._cli.main import app
from transom._doctor import machine
from transom._doctor.finding import ok
from transom._scaffold import writing
from transom._scaffold.catalog import TEMPLATES
from transom._scaffold.naming import Naming

PACKAGE = Path(__file__).parents[3] / "python"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the message bus of Linux")


@pytest.fixture(autouse=True)
def stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "write_types", lambda *_: None)
    monkeypatch.setattr(doctor, "look_at_machine", lambda: [ok("python", "Python")])
    monkeypatch.setattr(node, "problem", lambda: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return writing.make(TEMPLATES["plain"], Naming.of("hello"), tmp_path)


def look(folder: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status, and what is not in order."""
    done = CliRunner().invoke(app, ["doctor", str(folder), "--json", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    found = json.loads(done.stdout)
    assert found["ok"] == (done.exit_code == 0)
    return done.exit_code, [it for it in found["findings"] if it["level"] != "ok"]


def only(folder: Path) -> dict[str, Any]:
    """The one thing that is not in order."""
    (found,) = look(folder)[1]
    assert found["remedy"]
    return found


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_new_project_is_well(project: Path) -> None:
    assert look(project) == (0, [])
    done = CliRunner().invoke(app, ["doctor", str(project)])
    assert "✓ `hello/Tauri.toml`" in done.stdout
    assert done.stdout.endswith("All is well.\n")


def test_the_examples_are_well() -> None:
    for name in ("arrays", "app-crate", "rust-host"):
        assert look(PACKAGE.parent / "examples" / name)[0] == 0, name


MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "a window": (
        "capabilities/pulse.toml", 'windows = ["pulse"]', 'windows = ["puls"]',
        "the window `puls`", "make a window",
    ),
    "a window that is near one": (
        "capabilities/main.toml", 'windows = ["main"]', 'windows = ["maim", "main"]',
        "the window `maim`", "write `main`",
    ),
    "a window that is reached": (
        "capabilities/main.toml", 'window = "pulse"', 'window = "pulses"',
        "the window `pulses`", "make a window",
    ),
    "a command": (
        "capabilities/pulse.toml", 'command = "pulse"', 'command = "pulse" }, { command = "puls"',
        "the command `puls`, which no source registers", "write `pulse`",
    ),
    "a permission": (
        "capabilities/pulse.toml", "transom:allow-call", "transom:alow-call",
        "transom:alow-call", "correct it",
    ),
    "the configuration": (
        "Tauri.toml", "[build]", "[build", "Tauri.toml", "correct it",
    ),
    "the folder of the pages": (
        "Tauri.toml", 'frontendDist = "frontend"', 'frontendDist = "pages"',
        "`build.frontendDist` is `pages`, which is no folder", "make it",
    ),
    "a page": (
        "Tauri.toml", 'label = "main"', 'label = "main"\nurl = "start.html"',
        "the page `start.html`", "make it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_a_problem_with_a_remedy(project: Path, mistake: str) -> None:
    file, old, new, said, remedy = MISTAKES[mistake]
    change(project / "hello" / file, old, new)
    code, found = look(project)
    assert code == 1
    assert [it["level"] for it in found if said in it["text"] and remedy in it["remedy"]] == [
        "problem"
    ], found
    assert not [it for it in found if str(it["remedy"]).startswith("or ")]


def test_what_may_be_meant_is_a_warning(project: Path) -> None:
    folder = project / "hello"
    change(folder / "capabilities" / "pulse.toml", 'command = "pulse"', 'command = "puls*"')
    assert look(project) == (0, [])
    change(folder / "capabilities" / "main.toml", '    { command = "wait" },\n', "")
    assert only(project)["text"] == "no window may call the command `wait`"
    change(folder / "capabilities" / "main.toml", '"greet"', '"wait" }, { command = "greet"')
    change(folder / "Tauri.toml", "csp = ", "notCsp = ")
    # The app would refuse a word that it does not know.
    change(folder / "Tauri.toml", "notCsp = ", "freezePrototype = false\n# ")
    assert only(project)["check"] == "policy"


def test_registrations_without_a_name_make_it_careful(project: Path) -> None:
    (project / "hello" / "more.py").write_text("for it in found:\n    commands.command(it)(run)\n")
    change(
        project / "hello" / "capabilities" / "pulse.toml",
        '"pulse" }',
        '"pulse" }, { command = "x" }',
    )
    assert only(project)["level"] == "warning"


def test_a_window_without_a_capability_is_a_problem(project: Path) -> None:
    change(project / "hello" / "Tauri.toml", 'label = "main"', 'label = "other"')
    assert "the window `other` is in no capability" in str(look(project)[1])


def test_a_folder_without_an_app_is_told_of(tmp_path: Path) -> None:
    assert "`transom new NAME` makes one" in only(tmp_path)["remedy"]
    assert look(tmp_path)[0] == 0
    (tmp_path / "pyproject.toml").write_text("")
    assert "no configuration" in only(tmp_path)["text"]
    assert look(tmp_path)[0] == 1
    missing = CliRunner().invoke(app, ["doctor", str(tmp_path / "nowhere")])
    assert missing.exit_code == 2
    assert "there is no folder" in missing.stderr


def test_a_port_in_use_is_told_of(tmp_path: Path) -> None:
    project = writing.make(TEMPLATES["vite-ts"], Naming.of("hello"), tmp_path)
    shutil.rmtree(project / "frontend")
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
        change(project / "hello" / "Tauri.toml", "5173", str(port))
        assert f"port {port}" in only(project)["text"]
    assert look(project) == (0, [])


def test_a_client_of_another_version_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = writing.make(TEMPLATES["vite-ts"], Naming.of("hello"), tmp_path)
    frontend = project / "frontend"
    assert "`npm install` in `frontend`" in only(project)["remedy"]
    manifest = frontend / "node_modules" / "tauri-plugin-transom-api" / "package.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"version": "0.0.1"}')
    (old,) = (frontend / "vendor").iterdir()
    old.rename(old.with_name("tauri-plugin-transom-api-0.0.1.tgz"))
    change(frontend / "package.json", old.name, "tauri-plugin-transom-api-0.0.1.tgz")
    found = only(project)
    assert "is 0.0.1, and transom is" in found["text"]
    assert found["fixable"]

    # Stands for npm, which would ask its registry for all other packages.
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    version = old.name.removeprefix("tauri-plugin-transom-api-").removesuffix(".tgz")
    npm.write_text(
        f'#!/bin/sh\n[ "$4" = "file:vendor/{old.name}" ] && [ -e "vendor/{old.name}" ] || exit 1\n'
        f'echo \'{{"version": "{version}"}}\' > {manifest}\n'
        f"sed -i.old 's/api-0.0.1/api-{version}/' package.json\n"
        "printf 'no text of any encoding: \\377\\n' >&2\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(npm.parent), prepend=os.pathsep)
    assert look(project, "--fix") == (0, [])
    assert [it.name for it in (frontend / "vendor").iterdir()] == [old.name]


def test_a_machine_without_a_display_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    found = machine._look_at_display()
    assert (found.level, found.check) == ("problem", "display")
    monkeypatch.setenv("DISPLAY", ":4711")
    assert "DISPLAY=:4711" in machine._look_at_display().text


def test_a_ray_that_will_not_do_is_told_of() -> None:
    def level(version: str) -> str:
        return machine._look_at_ray(version).level

    assert [level(it) for it in ("2.59.0", "2.60.1", "2.100.0", "3.0.0")] == [
        "problem", "ok", "ok", "problem",
    ]  # fmt: skip


BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
LOOK = """
import json, sys
from transom._doctor import machine
print(json.dumps([[it.check, it.level, it.text] for it in machine.look_at_machine()]))
"""


@LINUX
def test_portals_that_do_not_answer_are_told_of(tmp_path: Path) -> None:
    """They hold each start up for 25 s."""
    services = tmp_path / "services"
    services.mkdir()
    name = "org.freedesktop.portal.Desktop"
    (services / f"{name}.service").write_text(
        f"[D-BUS Service]\nName={name}\nExec={shutil.which('sleep')} 20\n"
    )
    (tmp_path / "bus.conf").write_text(BUS.format(services=services))
    env = {it: os.environ[it] for it in ("PATH", "HOME", "DISPLAY") if it in os.environ}
    done = subprocess.run(
        [
            "dbus-run-session",
            f"--config-file={tmp_path / 'bus.conf'}",
            "--",
            sys.executable,
            "-c",
            LOOK,
        ],
        env={**env, "PYTHONPATH": str(PACKAGE)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    found = {check: (level, text) for check, level, text in json.loads(done.stdout)}
    assert found["portals"][0] == "problem"
    assert "waits 25 s" in found["portals"][1]
    assert found["accessibility"] == ("ok", "`org.a11y.Bus` is not there")
    assert found["webkit"][0] == "ok"


def test_the_list_is_read_by_people(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(project / "hello" / "capabilities" / "pulse.toml", '["pulse"]', '["puls"]')
    said = CliRunner().invoke(app, ["doctor", str(project)]).stdout
    assert "✗ `capabilities/pulse.toml` names the window `puls`" in said
    assert "    → " in said
    assert said.endswith("1 problem\n")
    assert "✓" not in CliRunner().invoke(app, ["doctor", str(project), "--quiet"]).stdout
    assert "\x1b" not in said
