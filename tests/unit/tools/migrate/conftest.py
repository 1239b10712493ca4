"""Provides the command as an app's author runs it, with fixed versions and places."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from transom.migrate import __main__ as command
from transom.migrate import project
from transom.migrate.sources import Client

Run = Callable[..., str]


def tarball(version: str) -> bytes:
    """An npm package that says its version only."""
    manifest = json.dumps({"name": "tauri-plugin-transom-api", "version": version}).encode()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(manifest)
        archive.addfile(entry, io.BytesIO(manifest))
    return data.getvalue()


@pytest.fixture
def client() -> Client:
    return Client("tauri-plugin-transom-api-0.1.0.tgz", tarball("0.1.0"))


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """The checkout from which the package was installed."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "Cargo.toml").touch()
    return folder


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    client: Client,
    origin: Path,
) -> Run:
    """Runs the command with these arguments. Returns what it prints."""

    def version(_: str) -> str:
        return "0.1.0"

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(command, "origin_of_the_installed", lambda: str(origin))
    monkeypatch.setattr(project.Client, "installed", lambda: client)

    def run(*arguments: str | Path, code: int = 0) -> str:
        assert command.main(list(map(str, arguments))) == code
        output = capsys.readouterr()
        return output.out + output.err

    return run
