"""Tests `transom dev` in real windows, as a user does: edits files, and looks at what comes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from developing import DevTool, gone

Develop = Callable[..., DevTool]


@pytest.fixture
def develop(tmp_path: Path) -> Iterator[Develop]:
    """Starts `transom dev`, and ends it at the end of the test."""
    tools: list[DevTool] = []

    def start(*arguments: str) -> DevTool:
        tools.append(DevTool(tmp_path, "developed", *arguments))
        return tools[-1]

    yield start
    for it in tools:
        it.close()


def mend_until_restart(it: DevTool, file: str, wrong: str) -> None:
    """Mends a file, and saves it until that restarts the app."""
    it.change(file, wrong, "")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        (it.folder / file).touch()
        with contextlib.suppress(AssertionError):
            if it.next(1).get("event") == "restart":
                return
    raise AssertionError(it.output())


def test_what_is_saved_is_taken_over_and_ctrl_c_leaves_nothing(develop: Develop) -> None:
    it = develop("--types", "api.ts")
    it.wait('greet {"text":"one"}', 'work "one"', 'count "one"', "ping one 1", event="ready")

    # A model that another module imports, and the types of it.
    it.change("hello/models.py", "text: str", "text: str\n    more: int = 2")
    it.wait('greet {"text":"one","more":2}', event="types")
    assert "more: number" in (it.folder / "api.ts").read_text()

    # An error shows itself in the terminal and in the page, and the old code stays.
    it.change("hello/greet.py", '"one"', '"two" +')
    it.wait("overlay true", event="failed")
    (failed,) = [line for line in it.lines if line.get("event") == "failed"]
    assert failed["file"].endswith("greet.py")
    assert failed["line"] == 7
    it.change("hello/greet.py", '"two" +', '"two"')
    it.wait("overlay false", 'greet {"text":"two","more":2}')

    # The class of a state, which stays the same object.
    it.change("hello/states.py", 'return "one"', 'return "two"')
    it.wait('count "two"')
    # What a module declares is declared anew.
    it.change("hello/listeners.py", "    n: int", "    n: int\n    more: int = 2")
    it.wait(event="types")
    assert "ping: PingInput;" in (it.folder / "api.ts").read_text()
    it.change("hello/listeners.py", "ping one", "ping two")
    it.wait("ping two 1")
    it.change("hello/kernel.py", '"one"', '"two"')
    it.wait('work "two"')
    before = len(it.lines)
    it.change("hello/frontend/index.html", "page one", "page two")
    it.wait("page two")
    assert "ping one" not in [line["text"] for line in it.lines[before:]]
    assert "the state is another" not in it.output()
    assert not [line for line in it.lines if line.get("event") == "restart"], it.output()

    family = it.family()
    assert it.end(signal.SIGINT) == 130
    assert gone(family)


def test_what_cannot_be_swapped_in_restarts_the_app(develop: Develop) -> None:
    it = develop("hello")
    it.wait('greet {"text":"one"}', "ping one 1", event="ready")
    before = it.family()
    it.change("hello/__main__.py", "PARTS =", "ALL =")
    line = it.wait(event="restart")
    assert line["reason"] == "the main module has changed"
    it.wait('greet {"text":"one"}', event="ready")
    assert gone(before - {it.pid}), "the first app is left"

    # A start that fails waits for a save.
    it.change("hello/__main__.py", "import sys", "import nothing_such")
    it.wait(event="waiting")
    assert "ModuleNotFoundError: No module named 'nothing_such'" in it.output()
    it.change("hello/__main__.py", "import nothing_such", "import sys")
    it.wait('greet {"text":"one"}', event="ready")

    it.change("hello/Tauri.toml", '"one"', '"two"')
    it.wait(event="restart")
    it.wait(event="ready")

    # New code whose import does not end, and a start that does not: a later save mends both.
    endless = "import time; print('hangs', flush=True); time.sleep(999)\n"
    it.change("hello/greet.py", "from .models", f"{endless}from .models")
    it.wait("hangs")
    mend_until_restart(it, "hello/greet.py", endless)
    it.wait(event="ready")
    it.change("hello/__main__.py", "import sys", f"{endless}import sys")
    it.wait(event="restart")
    it.wait("hangs")
    mend_until_restart(it, "hello/__main__.py", endless)
    it.wait(event="ready")

    # An app that ends and leaves a process, which has its output.
    ended = "subprocess.Popen(['sleep', '999']); os._exit(3)"
    it.change("hello/__main__.py", "import sys", f"import os, subprocess, sys; {ended}")
    it.wait(event="waiting", code=3)
    assert gone(it.family() - {it.pid})
    it.change("hello/__main__.py", f"; {ended}", "")
    it.wait(event="ready")
    family = it.family()
    assert it.end(signal.SIGTERM) == 143
    assert gone(family)


SERVER = """\
[build]
beforeDevCommand = "{python} -m http.server {port} --directory hello/frontend"
devUrl = "http://localhost:{port}"
[app]
withGlobalTauri = true
windows = [{{ title = "one" }}]
"""


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("localhost", 0))
        return it.getsockname()[1]


def test_the_server_of_the_pages_is_started_and_ended(tmp_path: Path, develop: Develop) -> None:
    port = free_port()
    it = develop("--help")
    it.ended()
    config = it.folder / "hello" / "Tauri.toml"
    text = SERVER.format(python=sys.executable, port=port)
    config.write_text(f'identifier = "dev.transom.developed"\n{text}'.replace("hello/", ""))
    it = develop()
    it.wait(source="server")
    it.wait('greet {"text":"one"}', event="ready")
    # A second one says that the port is taken.
    run = subprocess.run(
        [sys.executable, "-m", "transom", "dev"],
        cwd=it.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1
    assert f"the port {port} is in use" in run.stdout
    family = it.family()
    for pid in family:
        # Some of them end by themselves, or with the first that is killed.
        with contextlib.suppress(OSError):
            if b"http.server" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
    assert it.ended() == 1
    assert gone(family)
    assert any("has ended with the status" in line["text"] for line in it.rest())
