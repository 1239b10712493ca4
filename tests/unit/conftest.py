"""Provides inboxes for executors, and doubles of calls."""

from collections.abc import Iterator

import pytest
from doubles import FakeCall, PipeInbox

from transom._executors import portal


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInbox]:
    """Mail for a `PortalExecutor`."""
    monkeypatch.setattr(portal, "Call", FakeCall)
    pipe = PipeInbox()
    yield pipe
    pipe.release()
