"""Tests that commands may rely on the same things on every executor of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import conformance
import pytest
from conformance import CHECKS, FORMS, Subject

from transom import Commands, ProcessPool
from transom.testing import TestApp, TestWindow

pytestmark = pytest.mark.anyio

EXECUTORS = {"async": "async", "thread": "thread", "process": "process", "shared": "pool"}
"""The names of the executors of each kind."""
KINDS = [(kind, form) for kind in EXECUTORS for form in FORMS[kind]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop: worker processes take their time to start."""
    return "asyncio"


@pytest.fixture(scope="module")
async def app(anyio_backend: str) -> AsyncIterator[TestApp]:
    commands = Commands()
    for kind, executor in EXECUTORS.items():
        conformance.commands_for(commands, executor, kind)
    async with TestApp(commands, executors={"pool": ProcessPool(workers=1)}) as app:
        yield app


@pytest.fixture(scope="module")
def main(app: TestApp) -> TestWindow:
    return app.window()


@pytest.mark.parametrize(("kind", "form"), KINDS)
@pytest.mark.parametrize("check", CHECKS)
async def test_commands_rely_on(
    main: TestWindow, tmp_path: Path, kind: str, form: str, check: conformance.Check
) -> None:
    await check(Subject(main, kind, f"{EXECUTORS[kind]}_{form}", tmp_path))
