"""Tests that the certificates in the environment of the app reach its gateways."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

import jobs
import pytest
import trustme
from calling import until_served
from jobs import SLOW
from nodes import Nodes, token

from transom import Commands, RayExecutor
from transom.testing import TestApp

pytestmark = [pytest.mark.anyio, pytest.mark.long]


def own_address() -> str:
    """The address by which a node of Ray's calls itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        try:
            it.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return it.getsockname()[0]


@pytest.fixture
def _certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost", own_address())
    files = {
        "CA_CERT": authority.cert_pem,
        "SERVER_CERT": issued.cert_chain_pems[0],
        "SERVER_KEY": issued.private_key_pem,
    }
    told = {**token(), "RAY_USE_TLS": "1"}
    for name, pem in files.items():
        pem.write_to_path(str(tmp_path / name))
        told[f"RAY_TLS_{name}"] = str(tmp_path / name)
    for name, value in told.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_certificates")
async def test_a_cluster_is_reached_by_tls(caplog: pytest.LogCaptureFixture) -> None:
    commands = Commands()
    nodes = Nodes()
    try:
        executors = dict[str, RayExecutor]()
        patient: Any = {"start_timeout": SLOW}
        for form in ("address", "client"):
            executors[form] = RayExecutor(address=getattr(nodes, form), **patient)
            commands.command(f"greet_{form}", executor=form)(jobs.greet)
        with caplog.at_level(logging.WARNING):
            async with TestApp(commands, executors=executors) as app:
                main = app.window()
                for form in executors:
                    await until_served(main, f"greet_{form}")
        assert "in plain text" not in caplog.text
    finally:
        nodes.kill()
