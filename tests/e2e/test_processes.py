"""Worker processes: what commands in them can do, and what their ends do to others."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import App, Page, PageError, StartApp
from webdriver import wait_for

HOLD = """
window.held = window.held ?? {};
const [command, name, body] = args;
const controller = new AbortController();
const call = transom.pyInvoke(command, body, {signal: controller.signal});
window.held[name] = {controller, call, outcome: call.catch((e) => e)};
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("processes")


@pytest.fixture
def page(app: App) -> Iterator[Page]:
    (app.folder / "journal.txt").unlink(missing_ok=True)
    page = app.page()
    yield page
    wait_for(lambda: page.invoke("running") == [], what="the end of all calls")


def hold(page: Page, command: str, name: str, body: Any) -> None:
    """Starts a call and leaves it pending on the page."""
    page.run(HOLD, command, name, body)


def abort(page: Page, name: str) -> object:
    return page.run(
        "const h = window.held[args[0]]; h.controller.abort(); return await h.outcome", name
    )


def outcome(page: Page, name: str) -> object:
    return page.run("return await window.held[args[0]].outcome", name)


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


def children(pid: int) -> list[int]:
    """The worker processes of an app: its children that run the boot file."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"boot.py" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


# What a command in a worker can do.


def test_a_command_runs_in_a_process_of_its_own(page: Page) -> None:
    assert page.invoke("pid") != page.invoke("host_pid")


def test_bodies_are_validated_and_results_sent_as_in_the_host(page: Page) -> None:
    assert page.invoke("mirror", {"x": 1, "y": 2}) == {"x": 2, "y": 1}
    assert page.invoke("flip", b"\x00\xff") == b"\xff\x00"
    assert page.invoke("nothing") is None
    error = page.failure("mirror", {"x": 1})
    assert (error.code, error.details["started"]) == ("invalid-argument", False)
    assert error.details["issues"][0]["loc"] == ["y"]
    missing = page.failure("mirror")
    assert (missing.code, missing.details["started"]) == ("invalid-argument", False)


def test_what_a_command_raises_is_that_calls_error(page: Page) -> None:
    error = page.failure("refuse")
    assert (error.code, error.message) == ("command-error", "not today")
    error = page.failure("boom")
    assert (error.code, error.message) == ("command-error", "ValueError('boom')")
    assert error.details == {"started": True, "type": "ValueError"}
    assert page.failure("leave").code == "command-error"
    assert page.failure("unsendable").code == "result-not-serializable"


def test_headers_and_context_are_those_of_the_call(page: Page) -> None:
    seen = page.invoke("about", None, headers={"x-word": "hello"})
    assert seen == ["main", "about", "True", "False", "hello"]


def test_progress_reaches_the_page_and_the_last_one_before_the_result(page: Page) -> None:
    told, result = page.run(
        """
        const told = [];
        const onProgress = (p) => told.push(p);
        const result = await transom.pyInvoke("steps", 50, {onProgress});
        return [told, result];
        """
    )
    assert result == sum(range(50))
    assert told[-1] == {"done": 50, "total": 50, "message": None}


def test_large_bodies_cross_both_ways(page: Page) -> None:
    length, same = page.run(
        """
        const body = new Uint8Array(5_000_000).map((_, i) => i % 251);
        const back = new Uint8Array(await transom.pyInvoke("flip", body));
        return [back.length, back.every((byte, i) => byte === body[body.length - 1 - i])];
        """
    )
    assert (length, same) == (5_000_000, True)


def test_a_worker_loads_neither_the_native_module_nor_the_webview(page: Page) -> None:
    maps = page.invoke("maps")
    assert "python" in maps
    assert "_native" not in maps
    assert "webkit" not in maps


def test_calls_run_at_the_same_time_on_their_workers(page: Page) -> None:
    source = "return await Promise.all([1, 1].map((s) => transom.pyInvoke('nap', s)))"
    assert len(set(page.run(source))) == 2


# How a worker's end is told.


@pytest.mark.parametrize(
    ("command", "code", "number"),
    [("exit_at_once", 7, None), ("segfault", None, 11), ("kill_itself", None, 9)],
)
def test_a_death_during_a_call_is_worker_lost(
    page: Page, command: str, code: int | None, number: int | None
) -> None:
    error = page.failure(command)
    assert (error.code, error.retryable) == ("worker-lost", True)
    assert error.details["started"] is True
    assert (error.details["exitCode"], error.details["signal"]) == (code, number)
    assert page.invoke("flip", b"ab") == b"ba"


def test_the_last_words_of_a_worker_come_with_the_error(page: Page) -> None:
    assert "last words" in page.failure("exit_at_once").details["stderr"]


def test_a_death_fails_only_the_call_on_its_worker(page: Page) -> None:
    hold(page, "nap", "innocent", 1.5)
    assert page.failure("kill_itself").code == "worker-lost"
    assert isinstance(outcome(page, "innocent"), int)


def test_a_kill_from_outside_is_worker_lost(page: Page) -> None:
    before = page.invoke("pid")
    hold(page, "nap", "victim", 60)
    wait_for(lambda: page.invoke("running") == ["nap"], what="the call")
    os.kill(before, signal.SIGKILL)
    error = outcome(page, "victim")
    assert isinstance(error, PageError)
    assert (error.code, error.details["signal"]) == ("worker-lost", 9)
