"""Tests that the switch interval is short only while plain commands run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from doubles import FakeCall, QueueInbox
from serving_threads import LIMIT, end, started

from transom._executors.switching import OF_CPYTHON, SHORT, Switching, has_lock, switching

needs_turns = pytest.mark.skipif(not has_lock(), reason="a free-threaded interpreter: no turns")


@pytest.fixture(autouse=True)
def interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(OF_CPYTHON)
    yield
    sys.setswitchinterval(before)


@needs_turns
def test_it_is_short_from_the_first_call_to_the_last() -> None:
    inbox, first, second = QueueInbox(), threading.Event(), threading.Event()
    running, seen = threading.Barrier(3), list[float]()

    def run(call: FakeCall) -> None:
        running.wait(LIMIT)
        seen.append(sys.getswitchinterval())
        (first if call.id == 1 else second).wait(LIMIT)
        call.finish()

    started(inbox, run, 2, "brisk")
    assert sys.getswitchinterval() == OF_CPYTHON
    calls = [FakeCall(id=1), FakeCall(id=2)]
    inbox.put(*calls)
    running.wait(LIMIT)
    first.set()
    assert calls[0].done.wait(LIMIT)
    assert sys.getswitchinterval() == SHORT
    second.set()
    assert calls[1].done.wait(LIMIT)
    end(inbox, "brisk")
    assert (seen, sys.getswitchinterval()) == ([SHORT, SHORT], OF_CPYTHON)


def test_what_a_call_raises_puts_it_back_too() -> None:
    with pytest.raises(SystemExit), switching:
        raise SystemExit
    assert sys.getswitchinterval() == OF_CPYTHON


@pytest.mark.parametrize("own", [0.001, 0.02])
def test_an_interval_that_the_app_chose_stays(own: float) -> None:
    sys.setswitchinterval(own)
    with switching:
        assert sys.getswitchinterval() == own
    assert sys.getswitchinterval() == own


def test_an_interval_that_the_app_chose_meanwhile_stays() -> None:
    with switching:
        sys.setswitchinterval(0.02)
    assert sys.getswitchinterval() == 0.02


@pytest.mark.skipif(has_lock(), reason="this interpreter has a lock, for which threads take turns")
def test_without_turns_it_stays() -> None:
    with switching:
        assert sys.getswitchinterval() == OF_CPYTHON


@needs_turns
def test_thousands_of_ins_and_outs_at_once_leave_it_as_it_was() -> None:
    shared, wrong = Switching(), list[float]()

    def go() -> None:
        for _ in range(2000):
            with shared:
                if sys.getswitchinterval() != SHORT:
                    wrong.append(sys.getswitchinterval())

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, sys.getswitchinterval()) == ([], OF_CPYTHON)
