"""Skips the tests of clusters where Ray is not installed."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

# Ray lowers the priority of its workers, and so a busy machine leaves them none.
os.environ.setdefault("RAY_worker_niceness", "0")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says what makes an environment with Ray."""
    here = Path(__file__).parent
    if find_spec("ray") is None:
        missing = pytest.mark.skip(reason="Ray is not installed: see scripts/cluster.sh")
        for item in items:
            if item.path.is_relative_to(here):
                item.add_marker(missing)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop: a Ray takes its time to start."""
    return "asyncio"
