"""Skips the tests of clusters where Ray is not installed."""

import pytest

pytest.importorskip("ray", reason="Ray is not installed: scripts/ray.sh makes an environment")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop: a Ray takes its time to start."""
    return "asyncio"
