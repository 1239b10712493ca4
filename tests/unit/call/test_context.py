"""Tests `CallContext`, by which a command learns of its call."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from doubles import FakeCall

from transom import CallContext, Cancelled


def context(call: FakeCall) -> CallContext:
    return CallContext(cast("Any", call))


def test_it_knows_the_call() -> None:
    call = FakeCall("render", id=7, window="editor-1")
    ctx = context(call)
    assert (ctx.id, ctx.command, ctx.window, ctx.cancelled) == (7, "render", "editor-1", False)
    call.cancelled = True
    assert ctx.cancelled


def test_check_raises_once_somebody_cancelled() -> None:
    call = FakeCall()
    context(call).check()
    call.cancelled = True
    with pytest.raises(Cancelled):
        context(call).check()


def test_cancelled_is_not_caught_by_accident() -> None:
    assert not issubclass(Cancelled, Exception)


def test_progress_is_handed_on() -> None:
    call = FakeCall()
    context(call).progress(1)
    context(call).progress(2, total=4, message="half")
    assert call.told == [(1, None, None), (2, 4, "half")]


def test_track_counts_after_each_item_towards_the_length() -> None:
    call = FakeCall()
    seen = [(item, len(call.told)) for item in context(call).track(["a", "b"])]
    assert seen == [("a", 0), ("b", 1)]
    assert call.told == [(1, 2, None), (2, 2, None)]


def test_track_of_an_iterator_has_the_total_it_is_given() -> None:
    call = FakeCall()
    assert list(context(call).track(iter("ab"), total=9)) == ["a", "b"]
    assert list(context(call).track(iter("c"))) == ["c"]
    assert call.told == [(1, 9, None), (2, 9, None), (1, None, None)]


def test_track_stops_before_the_next_item_when_cancelled() -> None:
    call, taken = FakeCall(), list[int]()

    def items() -> Iterator[int]:
        for item in range(10):
            if item == 3:
                call.cancelled = True
            yield item

    with pytest.raises(Cancelled):
        taken.extend(context(call).track(items()))
    assert taken == [0, 1, 2]
    assert [done for done, _, _ in call.told] == [1, 2, 3]
