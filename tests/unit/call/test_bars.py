"""Tests `ctx.tqdm`: `tqdm` bars as the progress of a call."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from transom._call.bars import bar_class


def test_a_bar_is_progress_and_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    told = list[tuple[Any, ...]]()
    bar = bar_class(lambda *it: told.append(it))
    before = threading.active_count()
    assert sum(bar(range(5), desc="rows", mininterval=0)) == 10
    with bar(total=2.5) as by_hand:
        by_hand.update(2.5)
    assert told[0] == (0, 5, "rows")
    assert (5, 5, "rows") in told
    assert told[-1] == (2.5, 2.5, None)
    assert capfd.readouterr() == ("", "")
    assert threading.active_count() <= before
