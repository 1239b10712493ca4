"""Tests what is left of a start that fails where nobody reads its traceback."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import transom
from transom._program import failing

HIDDEN = (*failing.WATCHED, failing.VARIABLE, failing.WORKER, "DISPLAY", "WAYLAND_DISPLAY")
SHOWN = {failing.VARIABLE: "1"}
ASKED = {"identifier": "com.example.notes", "productName": "Notes <b>&", "version": "1.2"}
SAVES = """#!{python}
import json, pathlib, sys, time
place = pathlib.Path({place!r})
place.joinpath("new").write_text(json.dumps(sys.argv))
place.joinpath("new").rename(place / "shown")
time.sleep({seconds})
"""


class Starting:
    """An app in a folder of its own, whose only program for dialogs is a `zenity` that notes how
    it was called.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "app").mkdir()
        (folder / "app" / "tauri.conf.json").write_text(json.dumps(ASKED))
        (folder / "bin").mkdir()
        self.tool()

    def tool(self, seconds: float = 0.0) -> None:
        """Writes the program. It takes so long."""
        tool = self.folder / "bin" / "zenity"
        tool.write_text(
            SAVES.format(python=sys.executable, place=str(self.folder), seconds=seconds)
        )
        tool.chmod(0o755)

    def start(self, code: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Starts the app as a desktop does, without a display."""
        (self.folder / "app" / "app.py").write_text(code)
        kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
        path = {
            "PATH": str(self.folder / "bin"),
            # GTK would find the Wayland of whoever runs this without a variable.
            "GDK_BACKEND": "x11",
            "PYTHONPATH": str(Path(transom.__file__).parents[1]),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        return subprocess.Popen(
            [sys.executable, str(self.folder / "app" / "app.py")],
            env={**kept, **path, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def fail(self, code: str, env: Mapping[str, str] = SHOWN) -> list[str] | None:
        """Runs the app to its end, which has the code 1. Gives what `zenity` was told."""
        assert self.start(code, env).wait(60) == 1
        shown = self.folder / "shown"
        return json.loads(shown.read_text()) if shown.exists() else None

    def logs(self) -> list[Path]:
        return sorted(self.folder.glob("data/com.example.notes/logs/*"))


@pytest.fixture
def starting(tmp_path: Path) -> Starting:
    return Starting(tmp_path)


NO_WEBKIT = """
import sys
sys.modules["transom._native"] = None
import transom
"""
RAISES = "import transom\nraise OSError('no <b>disk</b> 100%s \\\\n & \\0')"


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="they have a dialog of their own")
def test_a_failed_start_is_shown_and_logged(starting: Starting) -> None:
    shown = starting.fail(RAISES)
    (log,) = starting.logs()
    assert shown is not None
    assert shown[1:3] == ["--error", "--no-markup"]
    assert "--title=Notes <b>& could not start" in shown
    text = (
        r"--text=OSError: no <b>disk</b> 100%s \\n & \\0"
        f"\n\nThe details are in the file\n{log}"
    )
    assert shown[-1] == text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    head, *_, last = log.read_text().splitlines()
    assert head == "Notes <b>& 1.2 could not start"
    assert last.startswith("OSError: no <b>disk</b>")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="they have a dialog of their own")
def test_so_is_one_without_the_native_half(starting: Starting) -> None:
    shown = starting.fail(NO_WEBKIT)
    assert shown is not None
    assert "ModuleNotFoundError: import of transom._native halted" in shown[-1]
    assert "test_failing" not in starting.logs()[0].read_text()


def test_a_few_logs_are_kept_and_each_is_bounded(starting: Starting) -> None:
    code = f"import transom\nraise OSError('x' * {2 * failing.MOST_BYTES})"
    for _ in range(failing.KEPT):
        starting.fail(code)
    first, *others = starting.logs()
    starting.fail(code)
    assert starting.logs()[:-1] == others
    assert not first.exists()
    assert {it.stat().st_size // failing.MOST_BYTES for it in starting.logs()} == {1}


def test_a_log_that_cannot_be_written_changes_nothing(starting: Starting) -> None:
    (starting.folder / "data").write_text("a file")
    shown = starting.fail(RAISES)
    assert shown is None or "No log could be written: " in shown[-1]


FORKED = "import os, transom\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nraise OSError"
OF_ANOTHER = RAISES.replace("import transom", "import transom; transom._library.failing.over()")


@pytest.mark.parametrize(
    ("code", "env", "logs"),
    [
        (RAISES, {}, 0),  # there is no display
        (RAISES, {"DISPLAY": ":none"}, 1),
        *((RAISES, {"DISPLAY": ":none", it: "true"}, 0) for it in ("CI", "TRANSOM_DEV")),
        (RAISES, {"DISPLAY": ":none", failing.VARIABLE: "0"}, 0),
        (RAISES, {**SHOWN, failing.WORKER: "1"}, 0),
        (OF_ANOTHER, SHOWN, 0),
        ("import transom, sys\nsys.exit(1)", SHOWN, 0),
        pytest.param(
            *(FORKED, SHOWN, 1),
            marks=pytest.mark.skipif(sys.platform == "win32", reason="it has no `fork`"),
        ),
    ],
)
@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="of the displays of others")
def test_what_somebody_reads_is_not_shown(
    starting: Starting, code: str, env: dict[str, str], logs: int
) -> None:
    shown = starting.fail(code, env)
    assert len(starting.logs()) == logs
    assert (shown is not None) == bool(logs)


def test_an_update_that_fails_makes_way_for_the_old_version(starting: Starting) -> None:
    assert starting.fail(RAISES, {**SHOWN, failing.TRIED: "1"}) is None
    assert len(starting.logs()) == 1


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="they have a dialog of their own")
def test_the_dialog_ends_with_the_app(starting: Starting) -> None:
    starting.tool(seconds=600.0)
    app = starting.start(RAISES, SHOWN)
    end = time.monotonic() + 60
    while not (starting.folder / "shown").exists():
        assert time.monotonic() < end, "the dialog is not there"
        time.sleep(0.02)
    assert app.poll() is None, "it waits for the dialog to be closed"
    tools = [it for it in _processes() if str(starting.folder / "bin") in it[1]]
    assert len(tools) == 1
    app.terminate()
    app.wait(60)
    while any(it in _processes() for it in tools):
        assert time.monotonic() < end, "the dialog is still there"
        time.sleep(0.02)


def _processes() -> list[tuple[str, str]]:
    """The processes that have not ended, with their command lines."""
    found: list[tuple[str, str]] = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (command := (entry / "cmdline").read_text()):
                found.append((entry.name, command))
        except OSError:
            continue
    return found


def test_errors_in_groups_of_one_are_shown_themselves() -> None:
    inner = ValueError("a\n  b")
    assert (
        failing.one_line(ExceptionGroup("x", [ExceptionGroup("y", [inner])])) == "ValueError: a b"
    )
    assert failing.one_line(ExceptionGroup("x", [inner, OSError()])).startswith("ExceptionGroup: x")
    assert failing.one_line(KeyError()) == "KeyError"
    assert len(failing.one_line(ValueError("x" * 10_000))) == failing.MOST_SHOWN + 1
