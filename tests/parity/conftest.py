"""Runs apps that were written for PyTauri against Transom, under other import names.

`pytest tests/parity --peer` runs PyTauri itself too. A test marked `peer_differs` is expected to
fail there: the marker says what Transom does instead, on purpose.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from packages import PEER, TRANSOM, Package, Parity

HERE = Path(__file__).parent
PEER_VENV = HERE.parents[1] / "target" / "parity" / "peer-venv"
PEER_RELEASE = "pytauri-wheel==0.8.0"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--peer", action="store_true", help="run tests/parity against PyTauri too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "peer_differs(why): PyTauri does not pass this; Transom differs on purpose"
    )
    config.addinivalue_line("markers", "known_gap(why): Transom does not pass this yet")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "package" in metafunc.fixturenames:
        peer = [PEER] if metafunc.config.getoption("peer") else []
        metafunc.parametrize("package", [TRANSOM, *peer], ids=lambda p: p.name, scope="module")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            pytest.exit("no display: run `scripts/headless.sh .venv/bin/pytest tests/parity`", 1)
        callspec = getattr(item, "callspec", None)
        package = callspec.params.get("package") if callspec else None
        mark = item.get_closest_marker("peer_differs" if package is PEER else "known_gap")
        if mark:
            item.add_marker(pytest.mark.xfail(reason=mark.args[0], strict=True))


@pytest.fixture(scope="session")
def peer_python() -> str:
    """An interpreter with the peer in it, made on first use."""
    python = PEER_VENV / "bin" / "python"
    if not python.exists():
        venv.create(PEER_VENV, with_pip=True)
    installed = subprocess.run([python, "-c", "import pytauri_wheel, trio"], check=False)
    if installed.returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", PEER_RELEASE, "trio"], check=True)
    return str(python)


@pytest.fixture(scope="module")
def parity(
    package: Package, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parity]:
    """Starts and runs apps with one of the two packages."""
    python = request.getfixturevalue("peer_python") if package is PEER else sys.executable
    parity = Parity(package, tmp_path_factory.mktemp(package.name), python)
    yield parity
    parity.close()
