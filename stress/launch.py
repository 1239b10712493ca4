"""Starts the apps of the stress tests, with folders and environment as in the end-to-end tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
E2E = HERE.parent / "tests" / "e2e" / "support"
sys.path.append(str(E2E))

from harness import environment, write_app  # noqa: E402 - from the end-to-end tests

PAGE = """<!doctype html><meta charset=utf-8><title>stress</title><body></body>
<script>
onunhandledrejection = ({ reason }) => __TAURI__.transom.pyInvoke("failed", String(reason));
</script>
"""


class NoFiguresError(Exception):
    """The app did not get as far as its figures."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended, with what it left behind."""

    code: int
    output: str
    seconds: float
    children: int


def folder(home: Path, app: str, **scripts: str) -> Path:
    """Writes the app of this name; `scripts` are the scripts of its pages, by page."""
    files = {"frontend/empty.html": PAGE}
    for page, script in scripts.items():
        files[f"frontend/{page}.html"] = f'{PAGE}<script type="module" src="{page}.js"></script>'
        files[f"frontend/{page}.js"] = (HERE / "apps" / script).read_text()
    return write_app(home / "app", (HERE / "apps" / f"{app}.py").read_text(), files=files)


def run(script: Path, plan: Mapping[str, Any], patience: float) -> Ended:
    """Runs the app until it ends by itself; after `patience` seconds it is killed."""
    home = script.parents[1]
    env = environment(
        home, {"STRESS_PLAN": json.dumps(plan), "PYTHONPATH": f"{HERE}{os.pathsep}{E2E}"}
    )
    log = home / "output.log"
    with log.open("wb") as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
            start_new_session=True,
        )
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGABRT)  # its fault handler tells where it stood
            code = process.wait()
        seconds = time.monotonic() - begin
    children = _children_left(process.pid)
    return Ended(code, log.read_text(errors="replace"), seconds, children)


def figures(script: Path, plan: Mapping[str, Any], patience: float) -> dict[str, Any]:
    """Runs the app and gives what it told."""
    ended = run(script, plan, patience)
    told = [line for line in ended.output.splitlines() if line.startswith("FIGURES ")]
    if ended.code != 0 or not told:
        raise NoFiguresError(f"exit code {ended.code}, {ended.seconds:.0f} s:\n{ended.output}")
    return json.loads(told[-1].removeprefix("FIGURES "))


def _children_left(session: int) -> int:
    """How many processes of the session are left, after a moment to end; they are then killed."""
    end = time.monotonic() + 20
    while (left := _members(session)) and time.monotonic() < end:
        time.sleep(0.02)
    if left:
        os.killpg(session, signal.SIGKILL)
    return len(left)


def _members(session: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which is in brackets and may hold anything.
            state, _, _, sid, *_ = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(sid) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found
