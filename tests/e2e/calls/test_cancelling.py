"""Tests calls that end early: by abort, deadline, full queues, reload and close."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Page, PageError, StartApp

from transom.testing.webdriver import wait_for

HOLD = """
window.held = window.held ?? {};
const [command, name] = args;
const controller = new AbortController();
const call = transom.pyInvoke(command, name, {signal: controller.signal});
window.held[name] = {controller, call, outcome: call.catch((e) => e)};
"""


@pytest.fixture(scope="module")
def shared(start_shared: StartApp) -> Page:
    return start_shared("cancelling").page()


@pytest.fixture
def page(shared: Page) -> Iterator[Page]:
    shared.invoke("reset")
    yield shared
    shared.invoke("release")
    wait_for(lambda: running(shared) == [], what="the end of held calls")


def running(page: Page) -> list[str]:
    return [c["command"] for c in page.invoke("calls") if c["command"].startswith("hold")]


def hold(page: Page, command: str, name: str) -> None:
    """Starts a call and leaves it pending on the page."""
    page.run(HOLD, command, name)


def abort(page: Page, name: str, reason: str = "undefined") -> PageError:
    source = f"const h = window.held[args[0]]; h.controller.abort({reason}); return await h.outcome"
    error = page.run(source, name)
    assert isinstance(error, PageError)
    return error


def outcome(page: Page, name: str) -> object:
    return page.run("return await window.held[args[0]].outcome", name)


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


def test_abort_of_a_running_call_runs_its_finally(page: Page) -> None:
    hold(page, "hold", "a")
    wait_journal(page, "a started")
    error = abort(page, "a")
    assert error.name == "AbortError"
    journal = wait_journal(page, "a finally")
    assert "a done" not in journal


def test_abort_of_a_queued_call_never_runs_it(page: Page) -> None:
    hold(page, "hold_alone", "first")
    wait_journal(page, "first started")
    hold(page, "hold_alone", "second")
    wait_for(lambda: running(page).count("hold_alone") == 2, what="the second call in the queue")
    assert abort(page, "second").name == "AbortError"
    page.invoke("release")
    assert outcome(page, "first") == "first"
    hold(page, "hold_alone", "third")
    assert outcome(page, "third") == "third"
    assert not [line for line in page.invoke("journal") if line.startswith("second")]


def test_abort_rejects_with_the_reason_that_was_given(page: Page) -> None:
    hold(page, "hold", "b")
    wait_journal(page, "b started")
    error = abort(page, "b", "new TypeError('my reason')")
    assert (error.name, error.message) == ("TypeError", "my reason")


def test_a_signal_aborted_before_the_call_sends_nothing(page: Page) -> None:
    source = "return await transom.pyInvoke('hold', 'c', {signal: AbortSignal.abort()})"
    with pytest.raises(PageError) as caught:
        page.run(source)
    assert caught.value.name == "AbortError"
    page.invoke("release")
    assert page.invoke("hold", "later") == "later"
    assert not [line for line in page.invoke("journal") if line.startswith("c ")]


def test_abort_at_once_after_the_call_never_leaves_it_running(page: Page) -> None:
    page.run(
        """
        const calls = [...Array(50).keys()].map((i) => {
          const controller = new AbortController();
          const call = transom.pyInvoke("hold", `quick ${i}`, {signal: controller.signal});
          controller.abort();
          return call.catch(() => call.released);
        });
        await Promise.all(calls);
        """
    )
    wait_for(lambda: running(page) == [], what="no held call")
    journal = page.invoke("journal")
    started = [line for line in journal if line.endswith("started")]
    assert len([line for line in journal if line.endswith("finally")]) == len(started)


def test_abort_of_a_thread_command_stops_it_at_its_next_check(page: Page) -> None:
    hold(page, "hold_thread", "t")
    wait_journal(page, "t started")
    assert abort(page, "t").name == "AbortError"
    wait_journal(page, "t finally")


def test_a_command_that_rejects_is_overloaded_while_it_is_busy(page: Page) -> None:
    hold(page, "hold_or_reject", "busy")
    wait_journal(page, "busy started")
    error = page.failure("hold_or_reject", "too many")
    assert (error.code, error.retryable) == ("overloaded", True)
    assert error.details["started"] is False
    page.invoke("release")
    assert outcome(page, "busy") == "busy"
    assert page.invoke("hold_or_reject", "again") == "again"


def test_a_queue_that_is_full_overloads_and_keeps_its_order(page: Page) -> None:
    hold(page, "hold_or_wait_one", "one")
    wait_journal(page, "one started")
    hold(page, "hold_or_wait_one", "two")
    wait_for(lambda: len(running(page)) == 2, what="the second call in the queue")
    assert page.failure("hold_or_wait_one", "three").code == "overloaded"
    page.invoke("release")
    assert [outcome(page, "one"), outcome(page, "two")] == ["one", "two"]
    assert [x for x in page.invoke("journal") if "started" in x] == ["one started", "two started"]


def test_python_can_list_and_cancel_calls(page: Page) -> None:
    hold(page, "hold", "listed")
    wait_journal(page, "listed started")
    (call,) = [c for c in page.invoke("calls") if c["command"] == "hold"]
    assert (call["window"], call["state"]) == ("main", "running")
    assert page.invoke("cancel_all", "hold") == 1
    error = outcome(page, "listed")
    assert isinstance(error, PageError)
    assert error.code == "aborted"
    wait_journal(page, "listed finally")


def test_calls_over_the_windows_limit_wait_on_the_page(page: Page) -> None:
    peaks = page.run(
        "return await Promise.all([...Array(300)].map(() => transom.pyInvoke('nap', 256)))"
    )
    assert len(peaks) == 300
    assert max(peaks) == 256


def test_a_page_can_ask_for_failure_instead_of_waiting(page: Page) -> None:
    error, naps = page.run(
        """
        const naps = [...Array(256)].map(() => transom.pyInvoke("nap", 256));
        const options = {overflow: "reject"};
        const error = await transom.pyInvoke("nap", 0, options).catch((e) => e);
        return [error, (await Promise.all(naps)).length];
        """
    )
    assert isinstance(error, PageError)
    assert (error.code, error.details["started"], naps) == ("overloaded", False, 256)


def test_a_reload_while_a_call_is_held_runs_it_once_and_cancels_it(page: Page) -> None:
    hold(page, "hold", "r")
    wait_journal(page, "r started")
    page.reload()
    journal = wait_journal(page, "r finally")
    wait_for(lambda: running(page) == [], what="no call of the old document")
    page.invoke("release")
    assert page.invoke("hold", "after") == "after"
    assert page.invoke("journal").count("r started") == 1
    assert "r done" not in journal


def test_reloads_in_a_row_leave_no_calls_behind(page: Page) -> None:
    for turn in range(5):
        hold(page, "hold", f"turn {turn}")
        page.reload()
    wait_for(lambda: running(page) == [], what="no call of an old document")
    starts = [line for line in page.invoke("journal") if line.endswith("started")]
    assert len(starts) == len(set(starts))
