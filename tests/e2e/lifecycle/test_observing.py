"""Tests what an app shows of itself: metrics, log, calls, and a loop that stalls."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

import pytest
from harness import App, Page, StartApp

from transom.testing.webdriver import wait_for

Record = dict[str, Any]


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("observed")


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def stalls(page: Page) -> list[Record]:
    """From the report about `stall` on: a busy machine may hold up the loop at any time."""
    found = [r for r in page.invoke("log") if "executor-stalled" in r["text"]]
    return list(dropwhile(lambda it: "command `stall`" not in it["text"], found))


@pytest.mark.parametrize("portal", ["asyncio", "uvloop", "trio"])
def test_a_stalled_loop_is_reported_once_with_its_command_and_stack(
    start_app: StartApp, portal: str
) -> None:
    page = start_app("observed", env={"PORTAL": portal}).page()
    page.invoke("greet", "warm")
    page.invoke("stall", 1.0)
    wait_for(lambda: len(stalls(page)) >= 2, what="the end of the stall")
    report, end = stalls(page)[:2]
    assert (report["level"], report["name"]) == ("ERROR", "transom")
    assert "command `stall`, called by window `main`" in report["text"]
    assert "hold_the_loop" in report["text"]
    assert "turns again" in end["text"]
    assert page.invoke("metrics")["counters"]["executor-stalled"] >= 1
    page.invoke("nap", 0.5)
    assert len([it for it in stalls(page) if "command `stall`" in it["text"]]) == 1


def test_the_numbers_add_up(start_app: StartApp) -> None:
    page = start_app("observed").page()
    for _ in range(10):
        page.invoke("greet", "hello")
    page.failure("fail")
    page.failure("nobody")
    page.failure("greet", {"no": "text"})
    page.run(
        """
        const naps = [...Array(4)].map(() => transom.pyInvoke("nap", 0.3));
        await Promise.all(naps);
        """
    )

    def alone() -> Record | None:
        found = page.invoke("metrics")
        return found if found["calls"] == 1 else None

    found = wait_for(alone, what="the end of all other calls")
    assert found is not None
    counters, commands = found["counters"], found["commands"]
    asked = commands["metrics"]["total"]["count"]
    assert counters["value"] == 10 + 4 + asked
    assert (counters["command-error"], counters["unknown-command"]) == (1, 1)
    assert (counters["invalid-argument"], counters["panic"]) == (1, 0)
    assert "nobody" not in commands
    greet, nap = commands["greet"], commands["nap"]
    assert (greet["run"]["count"], greet["total"]["count"]) == (11, 11)
    assert 0 < greet["total"]["p50"] <= greet["total"]["p99"] <= greet["total"]["max"]
    assert nap["run"]["count"] == nap["queue"]["count"] == 4
    assert nap["run"]["p50"] >= 0.29
    # They sleep one after the other, if a busy machine has not brought them so.
    assert 0 < nap["queue"]["max"] <= nap["total"]["max"]
    assert nap["total"]["max"] >= 0.29
    nothing = {"orphans": 0, "messages": 0, "message_bytes": 0}
    assert found["windows"]["main"] == {"live": 1, **nothing}
    assert commands["metrics"]["granted"] == 1
    assert found["executors"]["async"] == {"running": 1, "waiting": 0}


def test_calls_say_where_they_run_and_for_how_long(page: Page) -> None:
    page.run(
        "window.stop = new AbortController(); const {signal} = stop;"
        "window.first = transom.pyInvoke('nap', 600, {signal}); first.catch(() => {});"
        "window.second = transom.pyInvoke('nap', 0)"
    )

    def naps() -> list[Record]:
        found = [call for call in page.invoke("calls") if call["command"] == "nap"]
        return found if len(found) == 2 else []

    first, second = wait_for(naps, what="both naps")
    assert (first["executor"], first["state"]) == ("async", "running")
    assert first["ran"] > 0
    assert first["queued"] < first["age"]
    assert (second["executor"], second["state"], second["ran"]) == (None, "queued", None)
    page.run("stop.abort(); await window.second")


def test_a_denial_is_logged_once_a_second_and_counted(start_app: StartApp) -> None:
    permissions = ["core:default", {"identifier": "transom:allow-call", "allow": [
        {"command": "log"}, {"command": "metrics"}]}]  # fmt: skip
    capability = {"identifier": "some", "windows": ["*"], "permissions": permissions}
    page = start_app("observed", capabilities={"some": capability}).page()
    page.run(
        """
        const calls = [...Array(200)].map(() => transom.pyInvoke("greet", "x").catch(() => {}));
        await Promise.all(calls);
        """
    )

    def denials() -> list[Record]:
        return [r for r in page.invoke("log") if r["text"].startswith("permission-denied")]

    wait_for(denials, what="the record of a denial")
    assert (denials()[0]["level"], denials()[0]["name"]) == ("WARNING", "transom")
    assert '"greet" by window "main"' in denials()[0]["text"]
    assert len(denials()) < 20
    assert page.invoke("metrics")["counters"]["permission-denied"] == 200


def test_a_frame_that_breaks_the_rules_is_counted(page: Page) -> None:
    before = page.invoke("metrics")["counters"]["protocol-error"]
    page.run(
        "await window.__TAURI_INTERNALS__.invoke('plugin:transom|control', {nonsense: 1})"
        ".catch(() => {})"
    )
    assert page.invoke("metrics")["counters"]["protocol-error"] == before + 1


def test_the_variable_writes_the_log_to_stderr_where_nobody_configured_one(
    start_app: StartApp,
) -> None:
    app = start_app("observed", env={"TRANSOM_LOG": "debug", "UNCONFIGURED": "1"})
    app.page().invoke("greet", "hello")
    app.wait_output('of "greet" by window "main": queued')
    assert " DEBUG transom: " in app.output()
    assert "supervisor Route" not in app.output()


def test_the_trace_level_shows_the_steps_of_the_actors(start_app: StartApp) -> None:
    app = start_app("observed", env={"TRANSOM_LOG": "trace", "UNCONFIGURED": "1"})
    app.page().invoke("greet", "hello")
    for step in ("supervisor Route", "window Admit", "command Request", "executor Dispatch"):
        app.wait_output(f" TRACE transom: {step}")
