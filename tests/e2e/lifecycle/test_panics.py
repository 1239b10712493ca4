"""Tests that a panic in Rust costs as little as possible, is logged, and the app lives on.

Real ones: `test-host` subscribes to the spans of calls, and panics; and it makes the actors panic.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import COUNT_REQUESTS, App, Page

from transom.testing.webdriver import wait_for

COMMANDS = """
import asyncio
import dataclasses
import transom
from transom import CallContext, Commands
commands = Commands()
ran: list[str] = []


@commands.command()
async def held() -> dict:
    return dataclasses.asdict(transom.metrics())


@commands.command()
async def echo(body: int) -> int:
    return body


@commands.command()
async def what_ran() -> list[str]:
    return ran


@commands.command()
async def panic_when_accepted() -> int:
    ran.append("accepted")
    return 1


@commands.command()
async def panic_when_taken() -> int:
    ran.append("taken")
    return 1


@commands.command()
async def panic_when_answered() -> int:
    ran.append("answered")
    return 1


@commands.command()
async def panic_when_ended() -> int:
    ran.append("ended")
    return 1


@commands.command()
async def hang(ctx: CallContext) -> None:
    ctx.progress(1)
    try:
        await asyncio.sleep(1000)
    finally:
        ran.append("stopped")


@commands.command(on_close="detach")
async def keep(ctx: CallContext) -> int:
    ctx.progress(1)
    await asyncio.sleep(1000)
    return 1
"""

HANG = """
window.hung = "";
await new Promise(done => transom.pyInvoke("hang", undefined, {onProgress: done}).catch(
    error => { window.hung = error.code; done(); }));
await window.__TAURI__.core.invoke("panic_next", {kind: args[0]});
"""

KEEP = """
await new Promise(done => transom.pyInvoke("keep", undefined, {onProgress: done}).catch(() => {}));
"""


@pytest.fixture
def app(start_host: Callable[[str], App]) -> App:
    app = start_host(COMMANDS)
    # The first call of a document is a request; those after it are messages.
    assert app.page().invoke("echo", 0) == 0
    app.page().run(COUNT_REQUESTS)
    return app


def lives(page: Page) -> bool:
    """Whether calls are answered, and nothing of others is held."""
    # The answer of the last one comes first: it has ended a moment later.
    wait_for(lambda: page.invoke("held")["calls"] == 1, what="no other call")
    return page.invoke("echo", 7) == 7


def test_a_message_that_nobody_answered_comes_again_as_a_request(app: App) -> None:
    page = app.page()
    assert page.invoke("panic_when_accepted") == 1
    assert page.run("return window.requests") == 1
    assert page.invoke("what_ran") == ["accepted"]
    app.wait_output("a panic at the edge of the bridge was contained")
    assert page.invoke("held")["counters"]["panic"] == 1
    assert "as the command asks, when accepted" in app.output()
    assert lives(page)


def test_a_request_that_nobody_answered_is_an_error(app: App) -> None:
    page = app.page()
    error = page.failure("panic_when_accepted", headers={"x-a": "b"})
    assert error.code == "internal"
    assert page.run("return window.requests") == 1
    assert page.invoke("what_ran") == []
    app.wait_output("a panic at the edge of the bridge was contained")
    assert page.invoke("held")["counters"]["panic"] == 1
    assert lives(page)


@pytest.mark.parametrize("when", ["taken", "answered", "ended"])
def test_a_subscriber_that_panics_costs_no_answer_and_no_place(app: App, when: str) -> None:
    page = app.page()
    assert page.invoke(f"panic_when_{when}") == 1
    app.wait_output(f"a panic was contained: as the command asks, when {when}")
    assert page.invoke("held")["counters"]["panic"] == 1
    assert page.invoke("what_ran") == [when]
    assert lives(page)


@pytest.mark.parametrize("kind", ["supervisor", "command", "executor"])
def test_an_actor_is_restarted_and_calls_of_others_go_on(app: App, kind: str) -> None:
    page = app.page()
    page.run(HANG, kind)
    error = page.failure("echo", 1)
    assert (error.code, error.details["started"]) == ("internal", False)
    assert "started again" in error.message
    app.wait_output("an actor panicked and is restarted: a panic as told")
    assert page.invoke("echo", 2) == 2
    assert page.run("return window.hung") == ""
    page.reload()
    wait_for(lambda: page.invoke("what_ran") == ["stopped"], what="the end of the other call")
    assert lives(page)


def test_a_window_is_restarted_and_its_page_begins_anew(app: App) -> None:
    page = app.page()
    page.run(HANG, "window")
    assert page.failure("echo", 1).code == "internal"
    assert wait_for(lambda: page.run("return window.hung"), what="its other call") == "internal"
    assert page.invoke("echo", 2) == 2
    assert page.invoke("what_ran") == ["stopped"]
    assert lives(page)


def test_jobs_outlive_the_restart_of_their_actor(app: App) -> None:
    page = app.page()
    page.run("await window.__TAURI__.core.invoke('panic_next', {kind: 'jobs'})")
    page.run(KEEP)
    page.reload()
    app.wait_output("an actor panicked and is restarted: a panic as told")
    job = wait_for(lambda: page.run("return (await transom.pyJobs())[0]"), what="the job")
    assert (job["command"], job["state"]) == ("keep", "running")
    page.run(
        "const stop = new AbortController(), {signal} = stop;"
        "transom.pyAttach(args[0], {signal, onProgress: () => stop.abort()}).catch(() => {})",
        job["id"],
    )
    wait_for(
        lambda: page.run("return (await transom.pyJobs())[0].state") == "cancelled", what="its end"
    )
    assert lives(page)


def test_an_executor_that_fails_again_and_again_ends_the_app_with_70(app: App) -> None:
    page = app.page()
    for _ in range(3):
        page.run("await window.__TAURI__.core.invoke('panic_next', {kind: 'executor'})")
        assert page.failure("echo", 1).code == "internal"
    page.run("await window.__TAURI__.core.invoke('panic_next', {kind: 'executor'})")
    # The app may end before the driver has its answer.
    page.run("setTimeout(() => transom.pyInvoke('echo', 1).catch(() => {}), 500)")
    app.wait_output("the app ends with the exit code 70")
