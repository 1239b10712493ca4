"""Tests what an app sees of its worker processes, and that it can kill them."""

from __future__ import annotations

from typing import Any

import pytest
from harness import App, Page, PageError, StartApp

from transom.testing.webdriver import wait_for

START = """
const call = transom.pyInvoke(args[0], args[1]);
window.held = {...window.held, [args[0]]: {call, outcome: call.catch((error) => error)}};
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("processes")


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def test_every_line_of_a_worker_is_in_the_log(app: App, page: Page) -> None:
    assert page.failure("boom").code == "command-error"
    output = app.wait_output("\nValueError: boom")
    assert 'raise ValueError("boom")' in output


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_in_a_worker_finds_the_main_module(page: Page, method: str) -> None:
    assert page.invoke("spread", method) == [1, 4, 9]


def start(page: Page, command: str, body: Any) -> dict[str, Any]:
    """Starts a call; gives the worker that runs it, once it does."""
    page.run(START, command, body)
    found = wait_for(lambda: worker_on(page, command), what=f"a worker on {command}")
    assert found is not None
    return found


def worker_on(page: Page, command: str) -> dict[str, Any] | None:
    on = (it for it in workers(page) if [call["command"] for call in it["calls"]] == [command])
    return next((it for it in on if it["state"] == "busy"), None)


def wait_idle(page: Page, worker: dict[str, Any]) -> dict[str, Any]:
    """The answer of a call comes first: its worker is idle a moment later."""

    def find() -> dict[str, Any] | None:
        idle = (it for it in workers(page) if it["state"] == "idle")
        return next((it for it in idle if it["id"] == worker["id"]), None)

    found = wait_for(find, what="an idle worker")
    assert found is not None
    return found


def workers(page: Page) -> list[dict[str, Any]]:
    return page.invoke("metrics")["pools"]["process"]["workers"]


def outcome(page: Page, command: str) -> Any:
    return page.run("return await window.held[args[0]].outcome", command)


def kill(page: Page, worker: dict[str, Any]) -> bool:
    return page.invoke("kill_worker", worker["id"])


def test_a_worker_is_seen_with_its_process_its_call_and_its_memory(app: App, page: Page) -> None:
    before = page.invoke("metrics")["pools"]
    assert (before["process"]["state"], before["process"]["size"]) == ("available", 2)
    assert before["small"]["workers"] == []
    worker = start(page, "nap_until", "seen")
    assert worker["memory"] > 10 << 20
    assert worker["age"] >= worker["state_age"] >= 0
    (app.folder / "seen").touch()
    assert outcome(page, "nap_until") == worker["pid"]
    after = wait_idle(page, worker)
    assert (after["pid"], after["calls"]) == (worker["pid"], [])
    assert after["finished"] == worker["finished"] + 1


def test_a_kill_asked_for_costs_that_call_and_no_other(app: App, page: Page) -> None:
    start(page, "nap_until", "over")
    worker = start(page, "spin", "victim")
    assert kill(page, worker)
    error = outcome(page, "spin")
    assert isinstance(error, PageError)
    assert (error.code, error.details["signal"]) == ("worker-lost", 9)
    assert "the app killed it" in error.message
    assert page.run("return await window.held.spin.call.released") == "killed"
    (app.folder / "over").touch()
    assert isinstance(outcome(page, "nap_until"), int)
    assert not kill(page, worker)


def test_kills_asked_for_count_neither_against_the_command_nor_the_pool(page: Page) -> None:
    for _ in range(7):
        assert kill(page, start(page, "spin", "victim"))
        assert outcome(page, "spin").code == "worker-lost"
    pool = page.invoke("metrics")["pools"]["process"]
    assert (pool["state"], pool["quarantined"]) == ("available", {})


def test_a_worker_that_has_another_call_by_now_is_left_alone(app: App, page: Page) -> None:
    # The oldest of those that are idle gets a call: one that is still starting may be older.
    wait_for(lambda: all(it["state"] == "idle" for it in workers(page)), what="idle workers")
    worker = start(page, "nap_until", "one")
    (app.folder / "one").touch()
    outcome(page, "nap_until")
    wait_idle(page, worker)
    page.invoke("look_at_workers")
    assert start(page, "nap_until", "two")["id"] == worker["id"]
    assert page.invoke("kill_seen_worker", worker["id"]) is False
    (app.folder / "two").touch()
    assert outcome(page, "nap_until") == worker["pid"]


def test_a_command_in_quarantine_is_seen(start_app: StartApp) -> None:
    page = start_app("processes").page()
    for _ in range(3):
        assert page.failure("kill_itself").code == "worker-lost"
    resting = page.invoke("metrics")["pools"]["process"]["quarantined"]
    assert list(resting) == ["kill_itself"]
    assert 0 < resting["kill_itself"] <= 30
