"""Tests what `transom dev --debug` needs, and that a worker that is stopped stops the clock."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from transom._dev.debugger import GOES_ON, STOPPED, host
from transom._dev.tool.console import Console
from transom._dev.tool.debugging import Debugging
from transom._dev.tool.project import App
from transom._dev.tool.run import run

HOST = """\
import json

from transom._dev.debugger import host
from transom._executors import surroundings

host.listen(0)
print(json.dumps(surroundings.debugger), flush=True)
input()
"""
WORKER = """\
import json, sys

from transom._dev.debugger import worker

worker.PATIENCE = 3600.0
worker.join(json.loads(sys.argv[1]))
print("joined", worker.library.pydevd().get_global_debugger() is not None)
"""


def refusal(debugging: Debugging) -> str:
    """What `transom dev` says instead of running an app."""
    app = App(Path(), ("-m", "nothing"), Path(), None, None, None, None)
    stream = io.StringIO()
    assert run(app, Console(as_json=True, stream=stream), debugging) == 1
    return json.loads(stream.getvalue())["text"]


def test_without_debugpy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def find_others(name: str, package: str | None = None) -> Any:
        return None if name == "debugpy" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_others)
    assert 'pip install "transom[cli]"' in refusal(Debugging(0, wait=False))


def test_a_port_in_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: object())
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        text = refusal(Debugging(port, wait=False))
    assert f"the port {port} for the debugger cannot be used" in text
    assert "--debug-port" in text


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The stops of the clock, each as 1, and as -1 when it is taken back."""
    heard: list[int] = []
    monkeypatch.setattr(host, "stop_clock", lambda: heard.append(1))
    monkeypatch.setattr(host, "start_clock", lambda: heard.append(-1))
    return heard


def holds(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    return is_so()


def test_a_worker_stops_the_clock_until_it_goes_on_or_ends(stops: list[int]) -> None:
    about = host.StoppedWorkers().listen()
    with socket.create_connection(about["stops"]) as worker:
        worker.sendall(bytes.fromhex(about["token"]) + STOPPED)
        assert holds(lambda: stops == [1])
        worker.sendall(GOES_ON + STOPPED + STOPPED)
        assert holds(lambda: stops == [1, -1, 1, 1])
    assert holds(lambda: stops == [1, -1, 1, 1, -1, -1])


def test_who_does_not_know_the_token_stops_nothing(stops: list[int]) -> None:
    about = host.StoppedWorkers().listen()
    with socket.create_connection(about["stops"]) as other:
        other.settimeout(60)
        other.sendall(bytes(16) + STOPPED)
        with contextlib.suppress(ConnectionResetError):
            assert other.recv(1) == b""
    assert stops == []


def test_a_worker_of_an_app_without_a_debugger_waits_for_none() -> None:
    command = [sys.executable, "-Xfrozen_modules=off", "-c"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, HOST], stdin=pipe, stdout=pipe, text=True) as app:
        assert app.stdout is not None
        about = app.stdout.readline()
        said = subprocess.check_output([*command, WORKER, about], text=True, timeout=300)
        assert said.split() == ["joined", "True"]
        app.communicate("\n")
