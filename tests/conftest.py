"""Provides what all Python test suites share."""

from __future__ import annotations

import os
import signal

import pytest


def pytest_configure() -> None:
    """A shell has what it runs in the background ignore Ctrl-C, and so would apps under test."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Both settings are promised to behave alike, so a report must say which one ran."""
    return f"TRANSOM_FAST_PATH={os.environ.get('TRANSOM_FAST_PATH', '1 (default)')}"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """The event loops that a portal may run on."""
    return request.param
