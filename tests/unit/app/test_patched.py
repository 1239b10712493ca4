"""Tests that an app does not start where a library has replaced Python's threads."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from transom import Commands
from transom.testing import TestApp

pytestmark = pytest.mark.anyio


@pytest.fixture
def gevent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `gevent.monkey.patch_all()` leaves it."""
    patched = SimpleNamespace(is_module_patched=lambda name: name == "threading")  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setitem(sys.modules, "gevent.monkey", patched)


@pytest.mark.usefixtures("gevent")
def test_commands_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"`gevent.monkey.patch_all` has replaced"):
        Commands()


async def test_so_is_a_test_of_commands_that_were_made_before(
    request: pytest.FixtureRequest,
) -> None:
    commands = Commands()
    request.getfixturevalue("gevent")
    with pytest.raises(RuntimeError, match=r"`gevent.monkey.patch_all` has replaced"):
        async with TestApp(commands):
            pass
