"""Tests worker processes: what their commands can do, and what their end does to others.

This is one file because most of its tests share one running app.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from family import alive, workers, zygotes
from harness import App, Page, PageError, StartApp

from transom.testing.webdriver import wait_for

HOLD = """
window.held = window.held ?? {};
const [command, name, body] = args;
const controller = new AbortController();
const call = transom.pyInvoke(command, body, {signal: controller.signal});
const held = (window.held[name] = {controller, call, outcome: call.catch((e) => e)});
held.outcome.then(() => (held.settled = true));
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


def released(page: Page, name: str) -> str:
    return page.run("return await window.held[args[0]].call.released", name)


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


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
    source = "return await Promise.all([1, 2].map(() => transom.pyInvoke('meet', 'both')))"
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


def test_a_stream_whose_worker_dies_fails_after_its_items(page: Page) -> None:
    items, error = page.run(
        """
        const items = [];
        try {
          for await (const item of transom.pyStream("count_and_crash", 500)) items.push(item);
        } catch (error) {
          return [items, error];
        }
        """
    )
    assert items == list(range(500))
    assert (error.code, error.details["started"]) == ("worker-lost", True)
    # Though it is idempotent: its items are out.
    assert page.invoke("journal") == ["counting"]


def test_the_last_words_of_a_worker_come_with_the_error(page: Page) -> None:
    assert "last words" in page.failure("exit_at_once").details["stderr"]


def test_a_death_fails_only_the_call_on_its_worker(page: Page) -> None:
    hold(page, "nap", "innocent", 1.5)
    assert page.failure("kill_itself").code == "worker-lost"
    assert isinstance(outcome(page, "innocent"), int)


def test_a_kill_from_outside_is_worker_lost(page: Page) -> None:
    hold(page, "nap", "victim", 60)

    def busy() -> list[int]:
        seen = page.invoke("metrics")["pools"]["process"]["workers"]
        return [it["pid"] for it in seen if [call["command"] for call in it["calls"]] == ["nap"]]

    (worker,) = wait_for(busy, what="the call")
    os.kill(worker, signal.SIGKILL)
    error = outcome(page, "victim")
    assert isinstance(error, PageError)
    assert (error.code, error.details["signal"]) == ("worker-lost", 9)


# Cancelling.


def test_abort_stops_pure_python_and_its_finally_runs(page: Page) -> None:
    before = page.invoke("pid")
    hold(page, "spin", "a", "a")
    wait_journal(page, "a started")
    error = abort(page, "a")
    assert isinstance(error, PageError)
    assert error.name == "AbortError"
    wait_journal(page, "a finally")
    assert released(page, "a") == "cancelled"
    # It is idle a moment after that.
    wait_for(lambda: page.invoke("pid") == before, what="the worker, which lives on")


@pytest.mark.parametrize("command", ["spin_and_fail", "nap_and_fail"])
def test_a_command_whose_clean_up_fails_after_a_cancel_is_cancelled(
    page: Page, command: str
) -> None:
    hold(page, command, command, command)
    wait_journal(page, f"{command} started")
    abort(page, command)
    assert released(page, command) == "cancelled"


def test_abort_kills_a_command_that_is_stuck_in_c(page: Page) -> None:
    hold(page, "stuck", "s", "s")
    wait_journal(page, "s started")
    error = abort(page, "s")
    assert isinstance(error, PageError)
    assert error.name == "AbortError"
    assert released(page, "s") == "killed"
    assert "s finally" not in page.invoke("journal")


def test_others_do_not_notice_a_cancel_or_a_kill(page: Page) -> None:
    hold(page, "stuck", "victim", "victim")
    hold(page, "nap", "first", 2)
    hold(page, "spin", "spinner", "spinner")
    wait_journal(page, "victim started")
    wait_journal(page, "spinner started")
    abort(page, "victim")
    abort(page, "spinner")
    assert (released(page, "victim"), released(page, "spinner")) == ("killed", "cancelled")
    assert isinstance(outcome(page, "first"), int)
    assert page.invoke("ping") == "pong"


def test_a_shield_puts_a_cancel_off_to_its_end(page: Page) -> None:
    hold(page, "shielded", "shield", 0.5)
    wait_journal(page, "shield started")
    abort(page, "shield")
    journal = wait_journal(page, "shield finally")
    assert journal == ["shield started", "shield done", "shield finally"]
    assert released(page, "shield") == "cancelled"


def test_an_async_command_runs_and_is_cancelled_in_a_worker(page: Page) -> None:
    assert page.invoke("async_nap", 0) != page.invoke("host_pid")
    hold(page, "async_nap", "n", 60)
    wait_for(lambda: page.invoke("journal").count("async started") == 2, what="the second nap")
    abort(page, "n")
    assert released(page, "n") == "cancelled"
    assert page.invoke("journal").count("async finally") == 2


def test_a_deadline_stops_the_work_as_a_cancel_does(page: Page) -> None:
    page.invoke("pid")
    for timeout in (1000, 4000, 16_000):
        error = page.failure("spin", "late", timeout=timeout)
        assert error.code == "deadline-exceeded"
        if error.details["started"]:  # on a busy machine it may not come so far
            break
    wait_journal(page, "late finally")


def test_many_cancels_at_the_end_of_calls_reach_no_other_call(page: Page) -> None:
    results = page.run(
        """
        const innocent = (async () => {
          const results = [];
          for (let i = 0; i < 60; i++) results.push(await transom.pyInvoke("nap", 0.005));
          return results;
        })();
        for (let i = 0; i < 60; i++) {
          const controller = new AbortController();
          const call = transom.pyInvoke("nap", 0.005, {signal: controller.signal});
          setTimeout(() => controller.abort(), 5 + i % 12);
          await call.catch(() => null);
        }
        return await innocent;
        """
    )
    assert len(results) == 60
    assert all(isinstance(pid, int) for pid in results)


# Supervision.


def test_a_command_that_kills_its_workers_is_quarantined_alone(start_app: StartApp) -> None:
    page = start_app("processes").page()
    for _ in range(3):
        assert page.failure("crash", True).code == "worker-lost"
    error = page.failure("crash", False)
    assert (error.code, error.retryable, error.details["started"]) == ("quarantined", True, False)
    assert 0 < error.details["retryAfterMs"] <= 30_000
    assert page.invoke("mirror", {"x": 1, "y": 2}) == {"x": 2, "y": 1}


def test_an_idempotent_command_runs_again_when_its_worker_dies(page: Page) -> None:
    assert page.invoke("crash_once", "once more") == 2


def test_a_worker_over_its_memory_is_lost_with_its_call(page: Page) -> None:
    error = page.failure("fill_memory")
    assert error.code == "worker-lost"
    assert "`max_memory` is 400 MiB" in error.message


def test_the_initializer_runs_once_in_each_worker(page: Page) -> None:
    (pid, *loaded), (again, *_) = page.invoke("model"), page.invoke("model")
    assert loaded == [pid]
    assert pid == again


def test_a_worker_is_recycled_after_its_calls(page: Page) -> None:
    pids = [page.invoke("fleeting") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


BROKEN = """
import os, sys, time
from pathlib import Path
import transom
from transom import Commands, ProcessPool
from anyio.from_thread import start_blocking_portal

commands = Commands()
HERE = Path(__file__).parent
if __name__ != "__main__":
    {what}

@commands.command()
async def ping() -> str:
    return "pong"

@commands.command(executor="process")
def work() -> str:
    return "done"

if __name__ == "__main__":
    with start_blocking_portal() as portal:
        pools = {{"process": ProcessPool(workers=1, start_timeout={start_timeout},
                                         max_restarts=(5, 600.0))}}
        handler = commands.generate_handler(portal, executors=pools)
        app = transom.builder_factory().build(
            transom.context_factory(HERE), invoke_handler=handler)
        sys.exit(app.run_return())
"""


def broken(what: str, start_timeout: int = 30) -> str:
    return BROKEN.format(what=what, start_timeout=start_timeout)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("raise ImportError('no model here')", "no model here"),
        ("os._exit(9)", "exit code 9"),
        ("time.sleep(3600)", "it was not ready within its `start_timeout` of 3 s"),
    ],
)
def test_a_death_before_the_first_call_is_told_and_the_app_goes_on(
    start_app: StartApp, what: str, told: str
) -> None:
    page = start_app(broken(what, start_timeout=3 if "sleep" in what else 30)).page()
    error = page.failure("work")
    assert (error.code, error.details["started"]) == ("worker-lost", False)
    assert told in error.message + error.details["stderr"]
    assert page.invoke("ping") == "pong"


def test_a_pool_that_cannot_start_becomes_unavailable(start_app: StartApp) -> None:
    page = start_app(broken("sys.exit('no licence')")).page()
    codes = [page.failure("work").code for _ in range(6)]
    assert codes == ["worker-lost"] * 6
    error = page.failure("work")
    assert (error.code, error.details["started"]) == ("unavailable", False)
    assert "no licence" in error.details["stderr"]


def test_an_app_without_a_main_guard_starts_no_second_app(start_app: StartApp) -> None:
    source = broken("pass").replace('if __name__ == "__main__":', "if True:")
    error = start_app(source).page().failure("work")
    assert error.code == "worker-lost"
    assert 'under `if __name__ == "__main__":`' in error.details["stderr"]


def test_workers_killed_again_and_again_cost_their_calls_and_nothing_else(
    start_app: StartApp,
) -> None:
    page = start_app("processes").page()
    host = page.invoke("host_pid")
    before = 0

    def serves() -> bool:
        # It may meet a worker whose death has not been noticed.
        source = "return await transom.pyInvoke('endure', 0).then(() => 'fine', (e) => e.code)"
        end = page.run(source)
        assert end in {"fine", "worker-lost"}
        return end == "fine"

    def is_lost(name: str) -> bool:
        # Idle spares too: every worker that there is.
        for worker in workers(host):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return page.run("return window.held[args[0]].settled ?? false", name)

    for turn in range(20):
        wait_for(serves, what="a worker")
        hold(page, "endure", f"call {turn}", 30)
        wait_for(lambda at=turn: is_lost(f"call {at}"), what="the end of the call")
        error = outcome(page, f"call {turn}")
        assert isinstance(error, PageError)
        assert error.code == "worker-lost"
        if turn == 4:
            wait_for(serves, what="a worker")
            before = page.invoke("descriptors")
    wait_for(serves, what="a worker")
    wait_for(lambda: page.invoke("descriptors") <= before + 8, what="flat descriptors")
    wait_for(lambda: all(alive(pid) for pid in workers(host)), what="no zombies")


# The end.


def test_nothing_starts_before_it_is_used(start_app: StartApp) -> None:
    page = start_app("processes").page()
    host = page.invoke("host_pid")
    assert workers(host) == []
    assert page.invoke("pid") in workers(host)


def test_exit_leaves_no_worker(start_app: StartApp) -> None:
    app = start_app("processes")
    page = app.page()
    host = page.invoke("host_pid")
    page.invoke("pid")
    hold(page, "stuck", "s", "s")
    hold(page, "spin", "a", "a")
    wait_journal(page, "a started")
    wait_journal(page, "s started")
    there = [*workers(host), *zygotes(host)]
    assert len(there) >= 3
    os.kill(host, signal.SIGTERM)
    wait_for(lambda: not alive(host), what="the end of the app")
    wait_for(lambda: not any(alive(pid) for pid in there), what="the end of the workers")


def test_a_killed_host_leaves_no_worker(start_app: StartApp) -> None:
    page = start_app("processes").page()
    host = page.invoke("host_pid")
    page.invoke("pid")
    hold(page, "stuck", "s", "s")
    hold(page, "spin", "a", "a")
    wait_journal(page, "a started")
    wait_journal(page, "s started")
    there = [*workers(host), *zygotes(host)]
    os.kill(host, signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in there), what="the end of the workers")
