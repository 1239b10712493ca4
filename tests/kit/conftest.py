"""Provides commands for apps without a display, and fixtures for their tests."""

from collections.abc import Callable

import anyio
import pytest

from transom import Commands


@pytest.fixture
def commands() -> Commands:
    """A registry for the test to fill."""
    return Commands()


async def _wait_for(condition: Callable[[], object], seconds: float = 120.0) -> None:
    with anyio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await anyio.sleep(0.005)


@pytest.fixture
def wait_for() -> Callable[..., object]:
    """Waits for a condition that nothing announces."""
    return _wait_for
