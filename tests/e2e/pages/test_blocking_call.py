"""Tests `webview_window.blocking_call`, by which a thread asks the page and waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Page, StartApp

from transom.testing.webdriver import wait_for

ASK = """
const controller = new AbortController();
const call = transom.pyInvoke(args[0], ["silent", 600], {signal: controller.signal});
window.held = {controller, outcome: call.catch((e) => e.name)};
"""
SILENT = "transom.expose('silent', () => new Promise(() => {}))"


@pytest.fixture(scope="module")
def shared(start_shared: StartApp) -> Page:
    return start_shared("stopping").page()


@pytest.fixture
def page(shared: Page) -> Iterator[Page]:
    shared.invoke("reset")
    yield shared
    wait_for(lambda: shared.invoke("running") == ["running"], what="the end of all calls")


def wait_journal(page: Page, line: str) -> None:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")


def test_a_thread_command_has_the_result_of_an_exposed_function(page: Page) -> None:
    page.run("transom.expose('add', async ([a, b]) => a + b)")
    assert page.invoke("ask", ["add", 60]) == 42


def test_its_errors_are_those_of_call(page: Page) -> None:
    page.run("transom.expose('fail', () => { throw new RangeError('out of it'); })")
    page.run(SILENT)
    assert page.invoke("ask", ["fail", 60]) == "PageError: RangeError: out of it"
    assert page.invoke("ask", ["nobody", 60]).startswith("PageError: NotExposed")
    assert page.invoke("ask", ["silent", 0.1]).startswith("TimeoutError: `silent` of window `main`")


@pytest.mark.parametrize("command", ["ask", "ask_interruptibly"])
def test_a_cancelled_call_leaves_it_at_once(page: Page, command: str) -> None:
    page.run(SILENT)
    page.run(ASK, command)
    wait_journal(page, "asking")
    assert page.run("window.held.controller.abort(); return await window.held.outcome") == (
        "AbortError"
    )
    wait_journal(page, "cancelled")


def test_a_page_that_has_gone_is_not_waited_for(page: Page) -> None:
    page.run(SILENT)
    page.run(ASK, "ask")
    wait_journal(page, "asking")
    page.reload()
    wait_for(lambda: page.invoke("running") == ["running"], what="the end of the call")


def test_it_is_refused_where_the_answer_could_never_come(page: Page) -> None:
    page.run("transom.expose('add', async ([a, b]) => a + b)")
    on_loop = page.invoke("ask_on_the_loop")
    assert on_loop.startswith("RuntimeError")
    assert "await webview_window.call" in on_loop
    on_ui = page.invoke("ask_on_the_ui_thread")
    assert on_ui.startswith("RuntimeError")
    assert "UI thread" in on_ui
