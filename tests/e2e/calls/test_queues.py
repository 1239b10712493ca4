"""Tests the queues of calls: policies, limits, fairness, and the calls that are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness import App, Page, PageError, StartApp
from patience import tried_again

from transom.testing.webdriver import wait_for

WINDOWS = [{"label": label, "url": "index.html"} for label in ("main", "other")]

CALL = """
window.held = window.held ?? {};
const [command, name, body, options] = args;
const call = transom.pyInvoke(command, body, options ?? undefined);
window.held[name] = {call, outcome: call.catch((e) => e)};
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("queues", config={"app": {"windows": WINDOWS}})


@pytest.fixture
def page(app: App) -> Iterator[Page]:
    main = app.page()
    main.invoke("reset")
    yield main
    main.invoke("release")
    # What of them is left would start in the next test, and be held there.
    wait_for(lambda: main.invoke("running") == [], what="the end of all calls")


@pytest.fixture
def other(app: App) -> Page:
    return app.page("other")


def call(page: Page, command: str, name: str, body: Any = None, **options: Any) -> None:
    """Starts a call and leaves it pending on the page."""
    page.run(CALL, command, name, name if body is None else body, options or None)


def outcome(page: Page, name: str) -> Any:
    return page.run("return await window.held[args[0]].outcome", name)


def failed(page: Page, name: str) -> PageError:
    error = outcome(page, name)
    assert isinstance(error, PageError), error
    return error


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


def started(page: Page) -> list[str]:
    return [it.removesuffix(" started") for it in page.invoke("journal") if "started" in it]


def test_latest_keeps_the_newest_call_and_answers_the_ones_it_replaced(page: Page) -> None:
    call(page, "latest", "a")
    wait_journal(page, "a started")
    for name in ("b", "c", "d"):
        call(page, "latest", name)
    for name in ("b", "c"):
        error = failed(page, name)
        assert (error.code, error.details["started"]) == ("superseded", False)
    page.invoke("release")
    assert [outcome(page, "a"), outcome(page, "d")] == ["a", "d"]
    assert started(page) == ["a", "d"]


def test_latest_by_a_value_of_the_body_replaces_only_calls_of_that_value(page: Page) -> None:
    docs = {"a": "x", "b": "x", "c": "y", "d": "x"}
    for name, doc in docs.items():
        call(page, "latest_of_doc", name, {"doc": doc, "name": name})
        if name == "a":
            wait_journal(page, "a started")
    assert failed(page, "b").code == "superseded"
    page.invoke("release")
    assert [outcome(page, name) for name in "acd"] == ["a", "c", "d"]


def test_latest_of_each_window_leaves_the_other_windows_calls_alone(
    page: Page, other: Page
) -> None:
    call(page, "latest", "a")
    call(page, "latest", "b")
    call(other, "latest", "c")
    wait_journal(page, "c started")
    call(other, "latest", "d")
    page.invoke("release")
    assert [outcome(page, "a"), outcome(page, "b")] == ["a", "b"]
    assert [outcome(other, "c"), outcome(other, "d")] == ["c", "d"]


def test_latest_that_cancels_the_running_call_answers_it_and_ends_its_code(page: Page) -> None:
    call(page, "latest_only", "a")
    wait_journal(page, "a started")
    call(page, "latest_only", "b")
    error = failed(page, "a")
    assert (error.code, error.details["started"]) == ("superseded", True)
    wait_journal(page, "b started")
    journal = page.invoke("journal")
    assert journal.index("a ended") < journal.index("b started"), "one at a time"
    page.invoke("release")
    assert outcome(page, "b") == "b"


def test_drop_oldest_keeps_as_many_as_it_says(page: Page) -> None:
    call(page, "newest_two", "a")
    wait_journal(page, "a started")
    for name in ("b", "c", "d"):
        call(page, "newest_two", name)
    error = failed(page, "b")
    assert (error.code, error.retryable, error.details["started"]) == ("dropped", True, False)
    page.invoke("release")
    assert [outcome(page, name) for name in "acd"] == ["a", "c", "d"]
    assert started(page) == ["a", "c", "d"]


def test_serial_runs_one_call_of_a_value_at_a_time_in_order(page: Page) -> None:
    for name, doc in {"a": "x", "b": "x", "c": "y", "d": "x"}.items():
        call(page, "serial", name, {"doc": doc, "name": name})
    wait_journal(page, "c started")
    assert sorted(started(page)) == ["a", "c"], "the other document does not wait"
    page.invoke("release")
    assert [outcome(page, name) for name in "abcd"] == ["a", "b", "c", "d"]
    assert [name for name in started(page) if name != "c"] == ["a", "b", "d"]
    journal = page.invoke("journal")
    assert journal.index("a ended") < journal.index("b started")


def test_serial_takes_numbers_and_calls_without_the_value_share_a_key(page: Page) -> None:
    bodies: dict[str, Any] = {"a": {"doc": 7}, "b": {}, "c": {"doc": 7}, "d": {}}
    for name, body in bodies.items():
        call(page, "serial", name, body | {"name": name})
    wait_journal(page, "b started")
    assert sorted(started(page)) == ["a", "b"]
    page.invoke("release")
    assert [outcome(page, name) for name in "abcd"] == ["a", "b", "c", "d"]


def test_permits_per_window_are_each_windows_own(page: Page, other: Page) -> None:
    for name in ("a", "b"):
        call(page, "one_per_window", name)
    call(other, "one_per_window", "c")
    wait_journal(page, "c started")
    assert sorted(started(page)) == ["a", "c"]
    page.invoke("release")
    assert [outcome(page, "a"), outcome(page, "b"), outcome(other, "c")] == ["a", "b", "c"]


def test_a_command_that_is_full_says_so_and_when_to_try_again(page: Page) -> None:
    error = page.run(
        """
        const call = (name) => transom.pyInvoke("patient", name).catch((e) => e);
        return await ["a", "b", "c", "d"].map(call).at(-1);
        """
    )
    assert isinstance(error, PageError), error
    assert (error.code, error.retryable) == ("overloaded", True)
    assert error.details["scope"] == "command"
    assert error.details["retryAfterMs"] > 0
    assert error.details["started"] is False


@pytest.mark.parametrize("command", ["alone", "alone_in_a_thread", "alone_in_a_process"])
def test_who_was_answered_finds_the_place_of_that_call_free(page: Page, command: str) -> None:
    source = "for (let i = 0; i < 1000; i++) await transom.pyInvoke(args[0], i); return true"
    assert page.run(source, command)


def test_a_call_that_waited_too_long_is_overloaded_and_never_starts(page: Page) -> None:
    call(page, "impatient", "a")
    wait_journal(page, "a started")
    call(page, "impatient", "b")
    error = failed(page, "b")
    assert (error.code, error.details["scope"]) == ("overloaded", "command")
    assert error.details["maxWaitMs"] == 400
    page.invoke("release")
    assert outcome(page, "a") == "a", "a running call has as long as it likes"
    assert started(page) == ["a"]


def test_waiting_for_a_thread_is_waiting_too(page: Page) -> None:
    call(page, "hold_the_thread", "holder")
    wait_journal(page, "the thread is held")
    call(page, "impatient_thread", "t")
    assert failed(page, "t").code == "overloaded"
    page.invoke("release")
    assert outcome(page, "holder") is None
    assert "t started" not in page.invoke("journal")


FLOOD = """
const [command, count, body] = args;
const options = {overflow: "wait"};
window.flood = [...Array(count)].map(() => transom.pyInvoke(command, body, options));
"""


@pytest.mark.parametrize(
    ("command", "line"), [("in_turn", "in turn"), ("one_by_one", "one by one")]
)
@tried_again
def test_a_window_that_floods_starves_no_other(
    page: Page, other: Page, command: str, line: str
) -> None:
    page.invoke("reset")
    other.run(FLOOD, command, 50, 0.06)
    wait_journal(page, f"other {line}")
    page.run(
        "await Promise.all(args[1].map((s) => transom.pyInvoke(args[0], s)))", command, [0] * 5
    )
    turns = [it.split()[0] for it in page.invoke("journal") if it.endswith(line)]
    first, last = turns.index("main"), len(turns) - 1 - turns[::-1].index("main")
    between = "".join(turn[0] for turn in turns[first : last + 1])
    assert other.run("return (await Promise.all(window.flood)).length") == 50
    assert "ooo" not in between, f"main waited for more than a round: {turns}"


def test_a_flood_over_the_apps_limit_waits_on_its_pages(page: Page, other: Page) -> None:
    """60 calls of the app: both windows are over it, and no call fails."""
    flood = "window.flood = [...Array(200)].map(() => transom.pyInvoke('size', new Uint8Array(9)))"
    other.run(flood)
    sizes = page.run(
        "return await Promise.all([...Array(60)].map(() => transom.pyInvoke('time_left')))"
    )
    assert sizes == [None] * 60
    assert other.run("return (await Promise.all(window.flood)).length") == 200


def test_two_thousand_files_at_once_just_work(page: Page) -> None:
    """2,000 bodies of 8 KiB: over the limits of window, app and queued bytes."""
    total = page.run(
        """
        const file = new Uint8Array(8 << 10);
        const calls = [...Array(2000)].map(() => transom.pyInvoke("quick_size", file));
        return (await Promise.all(calls)).reduce((a, b) => a + b);
        """
    )
    assert total == 2000 * (8 << 10)


def test_bodies_that_wait_are_bounded_for_the_app_and_their_page_waits(
    page: Page, other: Page
) -> None:
    """1 MiB of bodies may wait."""
    kib = 1 << 10
    page.run(CALL, "hold_bytes", "runs", bytes(600 * kib), None)
    wait_journal(page, f"{600 * kib} bytes started")
    page.run(CALL, "hold_bytes", "waits", bytes(700 * kib), None)
    wait_for(lambda: other.invoke("queued_bytes") == 700 * kib, what="the bytes that wait")
    error = other.failure("hold_bytes", bytes(500 * kib), overflow="reject")
    assert error.code == "overloaded"
    assert error.details["scope"] == "queued-bytes"
    assert error.details["retryAfterMs"] > 0
    assert error.details["started"] is False
    other.run(CALL, "hold_bytes", "patient", bytes(500 * kib), None)
    assert other.invoke("time_left") is None, "a call without a body is not in the way"
    page.invoke("release")
    assert [outcome(page, "runs"), outcome(page, "waits")] == [600 * kib, 700 * kib]
    assert outcome(other, "patient") == 500 * kib


def test_a_body_that_waits_alone_may_be_larger_than_all_that_may_wait(page: Page) -> None:
    assert page.invoke("quick_size", bytes(3 << 20)) == 3 << 20


def test_a_result_over_the_limit_is_too_large_and_says_how_large(page: Page) -> None:
    assert len(page.invoke("make", 2 << 20)) == 2 << 20
    error = page.failure("make", (2 << 20) + 1)
    assert error.code == "payload-too-large"
    assert error.details == {"size": (2 << 20) + 1, "limit": 2 << 20, "started": True}
    sizes = page.run(
        """
        const make = () => transom.pyInvoke("make", 1 << 20);
        const results = await Promise.all([...Array(20)].map(make));
        return results.map((result) => result.byteLength);
        """
    )
    assert sizes == [1 << 20] * 20


def test_background_calls_get_a_tenth_of_the_turns_while_others_wait(page: Page) -> None:
    call(page, "hold_the_thread", "holder")
    wait_journal(page, "the thread is held")
    page.run(
        """
        const late = [...Array(4).keys()].map(
          (i) => transom.pyInvoke("named_turn", `late ${i}`, {priority: "background"}));
        const soon = [...Array(30).keys()].map((i) => transom.pyInvoke("named_turn", `soon ${i}`));
        window.turns = [...late, ...soon];
        """
    )
    wait_for(lambda: len(page.invoke("running")) == 35, what="the calls in the queue")
    page.invoke("release")
    page.run("await Promise.all(window.turns)")
    _, *names = page.invoke("journal")
    assert len(names) == 34
    lates = [at for at, name in enumerate(names) if name.startswith("late")]
    assert lates[-1] == 33, names
    assert lates[-2] >= 19, names
    assert [name for name in names if name.startswith("soon")] == [f"soon {i}" for i in range(30)]
