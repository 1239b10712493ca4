"""Skips the tests of clusters where Ray is not installed.

The suite of `make test` leaves out those with the marker `long`: see scripts/suites.py.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

RAY = {
    # Ray lowers the priority of its workers, and so a busy machine leaves them none.
    "RAY_worker_niceness": "0",
    # Other suites fill the memory.
    "RAY_memory_monitor_refresh_ms": "0",
    # Its disk may be nearly full.
    "RAY_local_fs_capacity_threshold": "1",
    # Seconds and milliseconds that a busy machine may need.
    "RAY_gcs_server_port_wait_time_s": "300",
    "RAY_gcs_server_request_timeout_seconds": "300",
    "RAY_worker_register_timeout_seconds": "300",
    "RAY_health_check_timeout_ms": "120000",
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "120",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "120",
}
for name, value in RAY.items():
    os.environ.setdefault(name, value)


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
