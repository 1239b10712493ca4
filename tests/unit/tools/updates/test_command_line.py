"""Tests `transom updates`: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from update_keys import PASSWORD, Keys

from transom._cli.main import app
from transom._updates import keys

Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: Keys) -> Path:
    """An app's folder, which is the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Tauri.toml").write_text(
        'identifier = "com.example.app"\nversion = "1.0.0"\n'
        f'[plugins.updater]\npubkey = "{pair.public}"\n'
        'endpoints = ["https://example.com/app/latest.json"]\n'
    )
    (folder / "CHANGELOG.md").write_text("## 1.1.0\n\n- A button.\n\n## 1.0.0\n\n- The first.\n")
    (folder / "secret.key").write_text(pair.texts.secret)
    (folder / "app_amd64.deb").write_bytes(b"what the app is")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*words: str, password: str | None = PASSWORD) -> Result:
        env = {keys.PASSWORD: password}
        return CliRunner().invoke(app, ["updates", *words], env=env)

    return run


def test_from_a_key_to_a_published_version(project: Path, run: Run) -> None:
    made = run("keygen", "own.key")
    assert made.exit_code == 0, made.output
    secret, public = ((project / it).read_text() for it in ("own.key", "own.key.pub"))
    assert f'pubkey = "{public}"' in made.output
    assert secret not in made.output
    assert (project / "own.key").stat().st_mode & 0o777 == 0o600
    assert run("sign", "app_amd64.deb", "--key", "own.key").exit_code == 0
    checked = run("verify", "app_amd64.deb", "--pubkey", "own.key.pub")
    assert (checked.exit_code, "is version 1.0.0" in checked.output) == (0, True)
    published = run("publish", "site", "app_amd64.deb", "--pubkey", public)
    assert published.exit_code == 0, published.output
    latest = json.loads((project / "site" / "latest.json").read_text())
    assert (latest["version"], latest["notes"]) == ("1.0.0", "- The first.")
    url = "https://example.com/app/1.0.0/app_amd64.deb"
    assert latest["platforms"]["linux-x86_64-deb"]["url"] == url
    assert url in published.output


def test_a_key_is_never_replaced_unasked(project: Path, run: Run) -> None:
    before = (project / "secret.key").read_text()
    refused = run("keygen", "secret.key")
    assert (refused.exit_code, "is there already" in refused.output) == (1, True)
    assert (project / "secret.key").read_text() == before
    assert not (project / "secret.key.pub").exists()
    assert run("keygen", "secret.key", "--force").exit_code == 0
    assert (project / "secret.key").read_text() != before
    assert (project / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_password_is_needed(project: Path, run: Run) -> None:
    refused = run("keygen", "own.key", password=None)
    assert (refused.exit_code, "needs a password" in refused.output) == (1, True)
    assert not (project / "own.key").exists()


def test_the_password_is_asked_for_on_a_terminal_and_not_shown(project: Path) -> None:
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "transom", "updates", "keygen", "own.key"]
    process = subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, start_new_session=True
    )
    os.close(child)
    shown, answers, deadline = b"", 0, time.monotonic() + 120
    try:
        while time.monotonic() < deadline:
            # Both prompts hide what is typed: it is typed when that has begun, else it is lost.
            asked = shown.count(b": ")
            if asked > answers and not termios.tcgetattr(parent)[3] & termios.ECHO:
                os.write(parent, b"hidden words\n")
                answers += 1
            if select.select([parent], [], [], 0.05)[0]:
                shown += os.read(parent, 1000)
    except OSError:
        process.wait(120)  # Linux says so that nobody has the terminal any more
    finally:
        process.kill()
        os.close(parent)
    assert (process.wait(), answers) == (0, 2), shown
    assert b"hidden words" not in shown
    assert keys.secret_key((project / "own.key").read_text(), "hidden words")


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (["sign", "app_amd64.deb", "--key", "none.key"], PASSWORD, "none.key cannot be read"),
        (["sign", "app_amd64.deb"], PASSWORD, "there is no key to sign with"),
        (["sign", "app_amd64.deb", "--key", "secret.key"], "wrong", "is another one"),
        (["sign", "app_amd64.deb", "--key", "CHANGELOG.md"], PASSWORD, "no secret key"),
        (["sign", "none.deb", "--key", "secret.key"], PASSWORD, "there is no file none.deb"),
        (
            ["sign", "app_amd64.deb", "--key", "secret.key", "--version", "1"],
            PASSWORD,
            "no version",
        ),
        (["sign", "app_amd64.deb", "--config", "site"], PASSWORD, "version is not known"),
        (["verify", "app_amd64.deb"], PASSWORD, "is not signed"),
        (["verify", "app_amd64.deb", "--config", "site"], PASSWORD, "there is no public key"),
        (["verify", "app_amd64.deb", "--pubkey", "x"], PASSWORD, "is not signed"),
        (["publish", "site", "app_amd64.deb"], PASSWORD, "is not signed"),
        (["publish", "site", "none.deb"], PASSWORD, "there is no file none.deb"),
        (["keygen", "none/own.key"], PASSWORD, "there is no folder none"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(
    project: Path, run: Run, words: list[str], password: str, said: str
) -> None:
    before = set(project.rglob("*"))
    ended = run(*words, password=password)
    assert ended.exit_code == 1, ended.output
    assert said in " ".join(ended.stderr.split())
    assert set(project.rglob("*")) == before


def test_a_version_without_notes_or_an_address_is_not_published(project: Path, run: Run) -> None:
    assert run("sign", "app_amd64.deb", "--key", "secret.key", "--version", "3.0.0").exit_code == 0
    ended = run("publish", "site", "app_amd64.deb")
    assert (ended.exit_code, "no heading `## [3.0.0]`" in ended.output) == (1, True)
    (project / "notes.txt").write_text("New.")
    config = project / "Tauri.toml"
    config.write_text(config.read_text().replace("latest.json", "{{target}}.json"))
    notes = ("publish", "site", "app_amd64.deb", "--notes", "notes.txt")
    ended = run(*notes)
    assert (ended.exit_code, "is not known: give --url" in ended.output) == (1, True)
    assert not (project / "site").exists()
    assert run(*notes, "--url", "https://example.com/x/").exit_code == 0
    latest = json.loads((project / "site" / "latest.json").read_text())
    assert latest["platforms"]["linux-x86_64"]["url"].startswith("https://example.com/x/3.0.0/")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tauri.conf.json", "{", "tauri.conf.json cannot be read"),
        ("tauri.conf.json", "[]", "does not hold an object"),
        ("tauri.conf.json", '{"plugins": {"updater": 7}}', "must be a table"),
        ("tauri.conf.json5", "{a: 1}", "it is no plain JSON"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_said(
    project: Path, run: Run, name: str, text: str, said: str
) -> None:
    (project / "Tauri.toml").unlink()
    (project / name).write_text(text)
    ended = run("verify", "app_amd64.deb")
    assert (ended.exit_code, said in " ".join(ended.output.split())) == (1, True)


def test_packages_that_are_missing_are_said(tmp_path: Path) -> None:
    (tmp_path / "minisign.py").write_text("raise ModuleNotFoundError('no', name='minisign')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "transom", "updates", "verify", "x"]
    env = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    assert ended.returncode == 1
    assert 'pip install "transom[cli,updates]"' in ended.stderr
    command = [sys.executable, "-c", "import transom.updates"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    assert 'pip install "transom[updates]"' in ended.stderr
