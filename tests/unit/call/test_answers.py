"""Tests that a text which no page could read does not end a call, but is its sender's error."""

from __future__ import annotations

from typing import Any, cast

import pytest
from doubles import FakeCall

from transom._native import check_json
from transom._values.answers import answer, pusher
from transom._values.results import ResultError
from transom.ipc import Invoke


class StrictCall(FakeCall):
    """It refuses what the native one does."""

    def resolve_json(self, json: str) -> bool:
        check_json("json", json)
        return super().resolve_json(json)

    push_json = resolve_json
    push_raw = FakeCall.resolve_raw


def test_a_handler_of_ones_own_may_reject_after_a_text_that_is_refused() -> None:
    call = StrictCall()
    invoke = Invoke(cast("Any", call))
    with pytest.raises(ValueError, match="`value` must be JSON text"):
        invoke.resolve("[NaN]")
    assert call.outcome is None
    invoke.reject("no number")
    assert call.outcome == ("error", "command-error", "no number", None)
    with pytest.raises(RuntimeError, match="Already consumed"):
        invoke.resolve("1")


@pytest.mark.parametrize("send", [answer, lambda call, text: pusher(call)(text)])
def test_a_refused_text_is_an_error_of_the_result(send: Any) -> None:
    call = StrictCall()
    with pytest.raises(ResultError, match="JavaScript has no number"):
        send(cast("Any", call), "9007199254740993")
    assert call.outcome is None
    send(cast("Any", call), "1")
    assert call.outcome == ("json", "1")
