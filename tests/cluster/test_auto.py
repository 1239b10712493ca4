"""Tests `address="auto"` with a cluster that `ray start --head` has started."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import jobs
import pytest
from calling import until_refused, until_served
from nodes import Started, token

from transom import Commands, RayExecutor
from transom.testing import TestApp

pytestmark = [pytest.mark.anyio, pytest.mark.long]


@pytest.fixture
def _home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray notes in a folder of its own where it runs, and not where other tests look for it."""
    # Its sockets need a short path.
    home = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    for name, value in {**token(), "RAY_TMPDIR": home}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    yield
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.usefixtures("_home")
async def test_the_ray_of_this_machine_is_found_and_found_again() -> None:
    commands = Commands()
    commands.command(executor="cluster")(jobs.greet)
    cluster = Started()
    try:
        async with TestApp(commands, executors={"cluster": RayExecutor(address="auto")}) as app:
            main = app.window()
            await until_served(main, "greet")
            cluster.kill()
            error = await until_refused(main, "greet")
            assert error.code == "unavailable"
            assert "Start one by `ray start --head`" in error.message
            cluster = Started()
            await until_served(main, "greet")
    finally:
        cluster.kill()
