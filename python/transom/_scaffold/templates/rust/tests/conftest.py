"""Says what the tests run on."""

from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder() -> Path:
    """Where the configuration is, and with it the capability files."""
    return Path(__file__).parents[1]
