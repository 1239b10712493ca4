"""Tests `Threads`: it starts as many threads as needed, and no exception of a call ends one."""

import threading
from contextvars import ContextVar

import pytest
from doubles import FakeCall, QueueInbox
from serving_threads import LIMIT, alive, end, started

from transom._executors import threads as threads_module


def test_one_thread_is_enough_for_one_call_after_another() -> None:
    inbox = QueueInbox()
    started(inbox, FakeCall.finish, 1, "single")
    for i in range(5):
        call = FakeCall(id=i)
        inbox.put(call)
        assert call.done.wait(LIMIT)
    [thread] = alive("single")
    assert thread.daemon
    end(inbox, "single")


def test_what_a_call_sets_in_its_context_is_not_there_for_the_next() -> None:
    inbox, user, seen = QueueInbox(), ContextVar("user", default="nobody"), list[str]()

    def run(call: FakeCall) -> None:
        seen.append(user.get())
        user.set("Ada")
        call.finish()

    started(inbox, run, 2, "apart")
    for i in range(4):
        call = FakeCall(id=i)
        inbox.put(call)
        assert call.done.wait(LIMIT)
    end(inbox, "apart")
    assert seen == ["nobody"] * 4


def test_calls_run_at_once_up_to_the_number_of_threads() -> None:
    inbox, barrier, release = QueueInbox(), threading.Barrier(4), threading.Event()
    running, most, lock = 0, 0, threading.Lock()

    def run(call: FakeCall) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if call.id <= 3:
            barrier.wait(LIMIT)
            release.wait(LIMIT)
        with lock:
            running -= 1
        call.finish()

    started(inbox, run, 3, "three")
    calls = [FakeCall(id=i) for i in range(1, 21)]
    inbox.put(*calls)
    barrier.wait(LIMIT)
    assert len(alive("three")) == 3
    assert not any(call.done.is_set() for call in calls)
    release.set()
    for call in calls:
        assert call.done.wait(LIMIT)
    assert most == 3
    end(inbox, "three")


@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(1), KeyboardInterrupt()], ids=lambda e: type(e).__name__
)
def test_whatever_a_call_raises_the_thread_takes_the_next(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = QueueInbox()

    def run(call: FakeCall) -> None:
        if call.id == 1:
            raise error
        call.finish()

    started(inbox, run, 1, "hostile")
    after = FakeCall(id=2)
    inbox.put(FakeCall(id=1), after)
    assert after.done.wait(LIMIT)
    assert [r.getMessage() for r in caplog.records] == ["a call could not be run"]
    end(inbox, "hostile")


def test_a_thread_that_ends_nevertheless_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = QueueInbox()

    def run(call: FakeCall) -> None:
        if call.id < 5:
            raise ValueError("x")
        call.finish()

    def broken(*_: object, **__: object) -> None:
        raise SystemExit("nothing can be said")

    monkeypatch.setattr(threads_module, "report", broken)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    started(inbox, run, 2, "mortal")
    # More than there may be threads: who is gone must not be counted.
    inbox.put(*(FakeCall(id=i) for i in range(5)))
    after = FakeCall(id=5)
    inbox.put(after)
    assert after.done.wait(LIMIT)
    end(inbox, "mortal")
