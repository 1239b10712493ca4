"""Tests what a worker makes of an event loop that a command has ended."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from transom._worker.call.worker_call import LoopEndedError
from transom._worker.tasks import Tasks


class Ended:
    """A portal whose loop is closed, as anyio and trio tell that."""

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def start_task_soon(self, *_: object) -> None:
        raise self._error


@pytest.mark.parametrize("error", [RuntimeError, trio.RunFinishedError])
def test_a_call_on_a_loop_that_has_ended_is_unavailable(error: type[BaseException]) -> None:
    tasks: Any = Tasks("asyncio", lambda _call, _error: None)
    tasks._portal = Ended(error)
    with pytest.raises(LoopEndedError):
        tasks.start(None, object(), lambda _: None)
    assert not tasks._calls
