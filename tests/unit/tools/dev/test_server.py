"""Tests what `transom dev` says of a server of pages that does not come."""

from __future__ import annotations

import asyncio
import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from transom._dev.tool import server
from transom._dev.tool.console import Console
from transom._dev.tool.project import App, DevServer
from transom._dev.tool.server import Server, ServerError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="its Node is a script of a shell")


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nothing answers."""
    with socket.socket() as it:
        it.bind(("localhost", 0))
        yield it.getsockname()[1]


def app_of(folder: Path, command: str, port: int, *, wait: bool = False) -> App:
    served = DevServer(command, folder, wait)
    return App(folder, ("-m", "x"), folder, served, f"http://localhost:{port}", None, None)


def failure(app: App, output: io.StringIO, patience: float = 60.0) -> str:
    async def run() -> None:
        it = Server(app, Console(stream=output))
        try:
            await it.start(patience)
        finally:
            await it.end()

    with pytest.raises(ServerError) as caught:
        asyncio.run(run())
    return str(caught.value)


def node_on_path(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node of that version. Its npm fails."""
    for name, does in (("node", f"echo {version}"), ("npm", "echo broken; exit 3")):
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("wait", [False, True])
def test_a_node_that_is_too_old_is_named_when_a_server_dies(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch, wait: bool
) -> None:
    app, output = app_of(tmp_path, "npm run dev", port, wait=wait), io.StringIO()
    node_on_path(tmp_path, "v18.19.0", monkeypatch)
    said = failure(app, output)
    assert said.startswith(
        "`npm run dev` has ended with the status 3: this Node, 18.19, is too old"
    )
    assert "broken" in output.getvalue()
    node_on_path(tmp_path, "v24.0.0", monkeypatch)
    assert failure(app, output).endswith("with the status 3: its last lines say why")


def test_packages_that_are_not_installed_are_named_when_a_server_dies(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(tmp_path, "npm run dev", port)
    node_on_path(tmp_path, "v24.0.0", monkeypatch)
    (tmp_path / "package.json").write_text("{}")
    assert failure(app, io.StringIO()) == (
        "`npm run dev` has ended with the status 3: its packages are not installed: "
        f"run `npm install` in {tmp_path.resolve()}"
    )
    (tmp_path / "node_modules").mkdir()
    assert failure(app, io.StringIO()).endswith("its last lines say why")


def test_what_is_waited_for_is_said(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENCE", 0.0)
    output = io.StringIO()
    said = failure(app_of(tmp_path, "sleep 300", port), output, 0.3)
    assert output.getvalue().count(f"waits for an answer at http://localhost:{port}") == 1
    assert said.endswith("does `sleep 300` serve there?")
