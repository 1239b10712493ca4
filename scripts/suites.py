"""Lists all suites for `check.py`, with what each needs of the others and of the machine."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(VENV / "python")
LINUX = sys.platform == "linux"
PYTEST = [PYTHON, "-m", "pytest", "-q"]
HEADLESS = [str(ROOT / "scripts" / "headless.sh")]
FREE_THREADED = str(ROOT / "scripts" / "free_threaded.sh")
# `0` sends every message through actix, `1` steps inline where nothing waits.
PATHS = {
    "fast path": {"TRANSOM_FAST_PATH": "1"},
    "all through actix": {"TRANSOM_FAST_PATH": "0"},
}
#: Into how many suites the tests in windows are dealt. They wait for windows most of the time: all
#: together took a third of two processors.
PARTS = 2


@dataclass(frozen=True)
class Suite:
    """One command, which may run beside others."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Seconds after which it counts as hung, and is ended.
    limit: float = 3000.0
    #: The beginnings of the names of suites that make what it needs, and so end before it begins.
    after: tuple[str, ...] = ()
    #: What only one suite at a time may use.
    holds: str = ""
    #: The part of a processor that it needs: a suite that mostly waits needs less than one.
    share: float = 1.0


def suites() -> list[Suite]:
    """All suites that this system can run, in the order in which they begin."""
    found = [*cargo(), *reading(), *python(), *cluster(), *windows()]
    if interpreter := os.environ.get("FREE_THREADED"):
        found += free_threaded(interpreter)
    if os.environ.get("DOCS"):
        site = [str(ROOT / "scripts" / "docs.sh")]
        found.append(Suite("site of the docs", site, env={"NO_RUST": "1"}, limit=1200.0))
    return found


def reading() -> list[Suite]:
    """Formats, types, and the tests of the page's client and of the documents."""
    npm = shutil.which("npm") or "npm"
    frontend = ROOT / "examples" / "workbench" / "frontend"
    return [
        Suite("python: ruff check", [str(VENV / "ruff"), "check", "."]),
        Suite("python: ruff format", [str(VENV / "ruff"), "format", "--check", "."]),
        Suite("python: pyright", [str(VENV / "pyright")]),
        # Ends with an error unless a type checker knows every type of what users import.
        Suite(
            "python: types for users",
            [str(VENV / "pyright"), "--verifytypes", "transom", "--ignoreexternal"],
            env={
                "PATH": os.pathsep.join([str(VENV), os.environ.get("PATH", "")]),
                "PYTHONPATH": str(ROOT / "python"),
            },
        ),
        Suite("js: types", [npm, "run", "typecheck"], ROOT / "js"),
        Suite("js: tests", [npm, "test"], ROOT / "js"),
        Suite("workbench: types", [npm, "run", "check"], frontend),
        Suite("rust: format", ["cargo", "fmt", "--all", "--check"]),
        Suite("docs", [*PYTEST, "tests/docs"]),
    ]


def cargo() -> list[Suite]:
    """What compiles. Cargo lets one at a time into `target`, so they wait for each other here."""

    def suite(name: str, command: str, **env: str) -> Suite:
        return Suite(
            name,
            [*command.split()],
            env={**rust_env(), **env},
            limit=3000.0,
            holds="cargo",
        )

    # `test-host` has a feature of Tauri's that nothing else may get by being built with it.
    members = "--workspace --exclude test-host"
    # First, because the end-to-end suites wait for them.
    hosts = [
        suite(f"e2e: build of {hosts}", f"cargo build -p {hosts.replace(' ', ' -p ')} --locked")
        for hosts in ("rust-host app-crate", "test-host")
    ]
    return [
        *(hosts if LINUX else []),
        suite("rust: tests", f"cargo test {members} --all-features --locked", **cases()),
        suite(
            "rust: loom",
            "cargo test --lib --all-features --locked sync::models",
            # The tests above try these models too, with 2.
            LOOM_MAX_PREEMPTIONS="4",
        ),
        suite(
            "rust: clippy",
            f"cargo clippy {members} --all-targets --all-features --locked -- -D warnings",
        ),
        suite(
            "rust: clippy (without the wheel)",
            "cargo clippy -p transom -p rust-host --all-targets --locked -- -D warnings",
        ),
        Suite("wheel", [PYTHON, "scripts/check_wheel.py"], holds="cargo"),
    ]


def python() -> list[Suite]:
    """Without a window."""
    return [
        Suite(f"python: tests ({name})", [*PYTEST, "tests/unit", "tests/kit"], env=path)
        for name, path in PATHS.items()
    ]


def windows() -> list[Suite]:
    """With real windows, on a display of its own for each suite."""
    if not LINUX:
        return []
    return [
        *(
            Suite(
                f"e2e {number} of {PARTS} ({name})",
                [*HEADLESS, *PYTEST, *files],
                env=path,
                limit=3600.0,
                after=("e2e: build of ",),
                share=1 / PARTS,
            )
            for name, path in PATHS.items()
            for number, files in enumerate(parts(ROOT / "tests" / "e2e"), start=1)
        ),
        Suite("parity", [*HEADLESS, *PYTEST, "tests/parity"], share=1 / PARTS),
        # With `TEMPLATES=all` every template, as in `make soak`: some take minutes.
        Suite("templates", [*HEADLESS, *PYTEST, "tests/templates"], share=1 / PARTS),
    ]


def parts(folder: Path) -> list[list[str]]:
    """The test files of a folder, dealt out in turn to suites that run side by side."""
    # By their names, so that the files of a subject, some of which take long, are not in one suite.
    paths = sorted(folder.rglob("test_*.py"), key=lambda path: path.name)
    files = [str(path.relative_to(ROOT)) for path in paths]
    return [files[start::PARTS] for start in range(PARTS)]


def free_threaded(interpreter: str) -> list[Suite]:
    """What depends on the interpreter, on this free-threaded one."""
    home = ROOT / "target" / "free-threaded"
    python = str(home / "venv" / "bin" / "python")
    pytest = [python, "-m", "pytest", "-q"]
    environment = "free-threaded: environment"
    found = [
        Suite(environment, [FREE_THREADED, interpreter], holds="cargo"),
        Suite("free-threaded: tests", [*pytest, "tests/unit", "tests/kit"], after=(environment,)),
    ]
    if LINUX:
        target = {"CARGO_TARGET_DIR": str(home)}
        build = Suite(
            "free-threaded: build of rust-host app-crate",
            "cargo build -p rust-host -p app-crate --locked".split(),
            env={"PYO3_PYTHON": python, **target},
            after=(environment,),
            holds="cargo",
        )
        e2e = [*HEADLESS, *pytest, "tests/e2e"]
        found.append(build)
        found.append(
            Suite("free-threaded: e2e", e2e, env=target, limit=3600.0, after=(build.name,))
        )
    return found


def cluster() -> list[Suite]:
    """With Ray clusters on this machine. `CLUSTER=1` takes the tests marked `long` too, and
    `CLUSTER=0` none.
    """
    asked = os.environ.get("CLUSTER", "")
    if not LINUX or asked == "0":
        return []
    environment = "cluster: environment"
    pytest = [str(ROOT / "target" / "cluster" / "venv" / "bin" / "python"), "-m", "pytest", "-q"]
    chosen = [] if asked else ["-m", "not long"]
    return [
        Suite(environment, [str(ROOT / "scripts" / "cluster.sh")], limit=1800.0, share=1 / PARTS),
        Suite(
            "cluster: tests",
            [*HEADLESS, *pytest, *chosen, "tests/cluster"],
            limit=3000.0,
            after=(environment,),
        ),
    ]


def rust_env() -> dict[str, str]:
    """Rust's tests embed the Python of .venv; the loader must find its library."""
    env = {"PYO3_PYTHON": PYTHON}
    library = sysconfig.get_config_var("LIBDIR")
    if LINUX and sysconfig.get_config_var("Py_ENABLE_SHARED") and library:
        env["LD_LIBRARY_PATH"] = os.pathsep.join(
            filter(None, [library, os.environ.get("LD_LIBRARY_PATH")])
        )
    return env


def cases() -> dict[str, str]:
    """How many random histories each property is tried on: 10,000, in CI 30,000."""
    return {"PROPTEST_CASES": "30000"} if os.environ.get("CI") == "true" else {}
