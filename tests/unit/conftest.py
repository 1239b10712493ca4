"""Inboxes for executors, and calls that executors take for real ones."""

from collections.abc import Iterator

import pytest
from doubles import FakeCall, PipeInbox

from transom import _portal


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInbox]:
    """Mail for a `PortalExecutor`."""
    monkeypatch.setattr(_portal, "Call", FakeCall)
    pipe = PipeInbox()
    yield pipe
    pipe.release()
