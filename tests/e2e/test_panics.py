"""A panic in Rust costs the call that it belongs to, is logged, and the app lives on.

Real ones, in the actors' own steps: `test-host` subscribes to the spans of calls, and panics.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import COUNT_REQUESTS, App, Page
from webdriver import wait_for

COMMANDS = """
import dataclasses
import transom
from transom import Commands
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


def test_a_panic_in_an_actors_step_costs_its_call(app: App) -> None:
    page = app.page()
    error = page.failure("panic_when_taken")
    assert error.code == "internal"
    assert error.details["started"] is False
    app.wait_output("an actor panicked and goes on: as the command asks, when taken")
    assert page.invoke("held")["counters"]["panic"] == 1
    assert page.invoke("what_ran") == []
    assert lives(page)


@pytest.mark.parametrize("when", ["answered", "ended"])
def test_a_panic_after_the_work_costs_no_answer_and_no_place(app: App, when: str) -> None:
    page = app.page()
    assert page.invoke(f"panic_when_{when}") == 1
    app.wait_output(f"an actor panicked and goes on: as the command asks, when {when}")
    assert page.invoke("held")["counters"]["panic"] == 1
    assert page.invoke("what_ran") == [when]
    assert lives(page)
