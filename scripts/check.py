"""Runs every suite, whatever fails on the way, and ends with one line per suite.

    python scripts/check.py [NAME-PREFIX…]     e.g. `check.py rust e2e`; none means all

The output of a suite is shown as it comes and kept in target/test-logs. The exit code is 1 if a
suite failed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "test-logs"
VENV = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(VENV / "python")
LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Suite:
    """One command; `limit` in seconds ends one that hangs."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    limit: float = 900.0


def rust_env() -> dict[str, str]:
    """Rust's tests embed the Python of .venv; the loader must find its library."""
    env = {"PYO3_PYTHON": PYTHON}
    library = sysconfig.get_config_var("LIBDIR")
    if LINUX and sysconfig.get_config_var("Py_ENABLE_SHARED") and library:
        env["LD_LIBRARY_PATH"] = os.pathsep.join(
            filter(None, [library, os.environ.get("LD_LIBRARY_PATH")])
        )
    return env


def suites() -> list[Suite]:
    """All suites that this system can run, quick ones first."""
    npm = shutil.which("npm") or "npm"
    rust = rust_env()
    frontend = ROOT / "examples" / "workbench" / "frontend"
    # `test-host` has a feature of Tauri's that nothing else may get by being built with it.
    members = "--workspace --exclude test-host"
    pytest = [PYTHON, "-m", "pytest", "-q"]
    headless = [str(ROOT / "scripts" / "headless.sh")]
    paths = {"fast path": "1", "all through actix": "0"}
    found = [
        Suite("python: ruff check", [str(VENV / "ruff"), "check", "."]),
        Suite("python: ruff format", [str(VENV / "ruff"), "format", "--check", "."]),
        Suite("python: pyright", [str(VENV / "pyright")]),
        Suite("js: types", [npm, "run", "typecheck"], ROOT / "js"),
        Suite("js: tests", [npm, "test"], ROOT / "js"),
        Suite("docs", [*pytest, "tests/docs"]),
        Suite("workbench: types", [npm, "run", "check"], frontend),
        Suite("rust: format", ["cargo", "fmt", "--all", "--check"]),
        Suite(
            "rust: clippy",
            f"cargo clippy {members} --all-targets --all-features --locked -- -D warnings".split(),
            env=rust,
            limit=1800.0,
        ),
        Suite(
            "rust: clippy (without the wheel)",
            "cargo clippy -p transom -p rust-host --all-targets --locked -- -D warnings".split(),
            env=rust,
            limit=1800.0,
        ),
        Suite(
            "rust: tests",
            f"cargo test {members} --all-features --locked".split(),
            env={**rust, **cases()},
            limit=1800.0,
        ),
        Suite(
            "rust: loom",
            "cargo test --lib --all-features --locked sync::models".split(),
            # The tests above try these models too, with 2.
            env={**rust, "LOOM_MAX_PREEMPTIONS": "4"},
            limit=1800.0,
        ),
        *(
            Suite(
                f"python: tests ({name})",
                [*pytest, "tests/unit", "tests/kit"],
                env=fast_path(value),
            )
            for name, value in paths.items()
        ),
        Suite("wheel", [PYTHON, "scripts/check_wheel.py"]),
    ]
    if LINUX:
        # Last, because the suites above build the same file with all features.
        for host in ("rust-host", "test-host"):
            build = f"cargo build -p {host} --locked".split()
            found.append(Suite(f"e2e: build of {host}", build, env=rust, limit=1800.0))
        found += [
            Suite(
                f"e2e ({name})",
                [*headless, *pytest, "tests/e2e"],
                env=fast_path(value),
                limit=1800.0,
            )
            for name, value in paths.items()
        ]
        found.append(Suite("parity", [*headless, *pytest, "tests/parity"]))
    if python := os.environ.get("FREE_THREADED"):
        found += free_threaded(python, headless)
    return found


def free_threaded(python: str, headless: Sequence[str]) -> list[Suite]:
    """What depends on the interpreter, on this free-threaded one."""
    home = ROOT / "target" / "free-threaded"
    pytest = [str(home / "venv" / "bin" / "python"), "-m", "pytest"]
    build = [str(ROOT / "scripts" / "free_threaded.sh"), python]
    found = [
        Suite("free-threaded: environment", build, limit=1800.0),
        Suite("free-threaded: tests", [*pytest, "-q", "tests/unit", "tests/kit"]),
    ]
    if LINUX:
        target = {"CARGO_TARGET_DIR": str(home)}
        host = "cargo build -p rust-host --locked".split()
        env = {"PYO3_PYTHON": pytest[0], **target}
        found.append(Suite("free-threaded: build of rust-host", host, env=env, limit=1800.0))
        e2e = [*headless, *pytest, "-q", "tests/e2e"]
        found.append(Suite("free-threaded: e2e", e2e, env=target, limit=3600.0))
    return found


def cases() -> dict[str, str]:
    """How many random histories each property is tried on: 10,000, in CI 100,000."""
    return {"PROPTEST_CASES": "100000"} if os.environ.get("CI") == "true" else {}


def fast_path(value: str) -> dict[str, str]:
    """`0` sends every message through actix, `1` steps inline where nothing waits."""
    return {"TRANSOM_FAST_PATH": value}


def run(suite: Suite) -> str:
    """Runs one suite; returns "" or what went wrong."""
    log = LOGS / f"{''.join(c if c.isalnum() else '-' for c in suite.name)}.log"
    print(f"\n━━ {suite.name} ━━  {' '.join(suite.command)}", flush=True)
    with subprocess.Popen(
        suite.command,
        cwd=suite.folder,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", **suite.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        watch = Watch(process, suite.limit)
        assert process.stdout is not None
        with log.open("wb") as copy:
            while chunk := os.read(process.stdout.fileno(), 65536):
                copy.write(chunk)
                sys.stdout.buffer.write(chunk)
                sys.stdout.flush()
        code = process.wait()
        watch.stop()
    if watch.expired:
        return f"hung, ended after {suite.limit:.0f} s"
    return f"exit code {code}" if code else ""


class Watch:
    """Ends a suite, with all it has started, when its time is over."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        self._process = process
        self.expired = False
        self._timer = threading.Timer(limit, self._end)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        self.expired = True
        with suppress(ProcessLookupError):
            if os.name == "nt":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """The suite has ended by itself."""
        self._timer.cancel()


def main(prefixes: Sequence[str]) -> int:
    """Runs the suites whose names begin with one of `prefixes`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    chosen = [s for s in suites() if not prefixes or s.name.startswith(tuple(prefixes))]
    if not chosen:
        print("no such suite; there are:", *(s.name for s in suites()), sep="\n  ")
        return 2
    rows: list[tuple[str, float, str]] = []
    for suite in chosen:
        begin = time.monotonic()
        try:
            problem = run(suite)
        except OSError as error:
            problem = str(error)
        rows.append((suite.name, time.monotonic() - begin, problem))
    print("\n━━ summary ━━")
    for name, seconds, problem in rows:
        print(f"  {'FAILED' if problem else 'ok':<7} {name:<34} {seconds:7.1f} s  {problem}")
    failed = [name for name, _, problem in rows if problem]
    if failed:
        print(f"\n{len(failed)} of {len(rows)} suites failed; logs in {LOGS.relative_to(ROOT)}")
        return 1
    print(f"\nall {len(rows)} suites passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
