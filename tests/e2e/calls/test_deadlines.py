"""Tests the deadlines of calls: on hold, in a queue, on the event loop, and in a thread."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Page, PageError, StartApp

from transom.testing.webdriver import wait_for

CALL = """
window.held = window.held ?? {};
const [command, name, options] = args;
const call = transom.pyInvoke(command, name, options);
window.held[name] = {call, outcome: call.catch((e) => e)};
"""


@pytest.fixture(scope="module")
def shared(start_shared: StartApp) -> Page:
    return start_shared("queues").page()


@pytest.fixture
def page(shared: Page) -> Iterator[Page]:
    shared.invoke("reset")
    yield shared
    shared.invoke("release")
    wait_for(lambda: shared.invoke("running") == [], what="the end of all calls")


def call(page: Page, command: str, name: str, **options: Any) -> None:
    page.run(CALL, command, name, options)


def outcome(page: Page, name: str) -> Any:
    return page.run("return await window.held[args[0]].outcome", name)


def expired(page: Page, name: str, *, started: bool) -> PageError:
    error = outcome(page, name)
    assert isinstance(error, PageError), error
    assert (error.code, error.name) == ("deadline-exceeded", "TimeoutError")
    assert error.details["started"] is started
    return error


def expired_at_work(page: Page, command: str, name: str, **options: Any) -> tuple[str, PageError]:
    """The name and the error of a call whose time was over while it ran."""
    for turn in itertools.count():
        call(page, command, f"{name} {turn}", **options)
        error = outcome(page, f"{name} {turn}")
        assert isinstance(error, PageError), error
        # On a busy machine the time may be over before it has begun.
        if turn == 20 or error.details["started"]:
            return f"{name} {turn}", expired(page, f"{name} {turn}", started=True)
    raise AssertionError


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


def test_a_running_call_is_cancelled_when_its_commands_time_is_over(page: Page) -> None:
    name, error = expired_at_work(page, "short", "a")
    assert error.details["timeoutMs"] == 2000
    wait_journal(page, f"{name} ended")
    released = page.run("return await window.held[args[0]].call.released", name)
    assert released == "cancelled"


def test_the_time_in_the_queue_counts_and_an_expired_call_never_starts(page: Page) -> None:
    call(page, "long", "a")
    wait_journal(page, "a started")
    call(page, "long", "b", timeout=300)
    expired(page, "b", started=False)
    page.invoke("release")
    assert outcome(page, "a") == "a"
    call(page, "long", "c")
    assert outcome(page, "c") == "c"
    assert not [line for line in page.invoke("journal") if line.startswith("b")]


def test_the_smaller_timeout_wins(page: Page) -> None:
    _, error = expired_at_work(page, "short", "a", timeout=60_000)
    assert error.details["timeoutMs"] == 2000
    _, error = expired_at_work(page, "short", "b", timeout=1000)
    assert error.details["timeoutMs"] <= 1000


def test_a_thread_is_told_and_its_place_is_held_until_it_ends(page: Page) -> None:
    name, _ = expired_at_work(page, "until_cancelled", "t", timeout=1000)
    wait_journal(page, f"{name} ended")


def test_a_call_that_waits_for_a_thread_expires_and_never_starts(page: Page) -> None:
    call(page, "in_turn", "x")  # `x` is no number of seconds: it fails, and holds nothing
    assert outcome(page, "x").code == "invalid-argument"
    page.run("window.holder = transom.pyInvoke('hold_the_thread')")
    wait_journal(page, "the thread is held")
    call(page, "named_turn", "never", timeout=200)
    expired(page, "never", started=False)
    page.invoke("release")
    page.run("await window.holder")
    call(page, "named_turn", "then")
    assert outcome(page, "then") is None
    assert "never" not in page.invoke("journal")


def test_the_time_on_hold_on_the_page_counts(page: Page) -> None:
    page.run(
        """
        window.fill = [...Array(256)].map((_, i) => transom.pyInvoke("long", `fill ${i}`));
        for (const call of window.fill) call.catch(() => {});
        """
    )
    call(page, "time_left", "held", timeout=300)
    expired(page, "held", started=False)
    page.reload()


def test_a_command_knows_its_deadline(page: Page) -> None:
    assert page.invoke("time_left") is None
    left = page.run("return await transom.pyInvoke('time_left', undefined, {timeout: 600000})")
    assert 300 < left <= 600


def test_a_call_in_time_is_not_touched(page: Page) -> None:
    page.invoke("release")
    assert page.invoke("short", "quick", timeout=600_000) == "quick"


def test_hundreds_of_deadlines_pass_one_by_one(page: Page) -> None:
    codes = page.run(
        """
        const call = (i) => transom.pyInvoke("long", `many ${i}`, {timeout: 200 + (i % 7) * 20});
        const calls = [...Array(200).keys()].map((i) => call(i).catch((e) => e));
        return [...new Set((await Promise.all(calls)).map((e) => e.code))];
        """
    )
    assert codes == ["deadline-exceeded"]
    page.invoke("release")
    assert page.invoke("long", "after") == "after"
