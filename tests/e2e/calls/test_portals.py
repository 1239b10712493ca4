"""Tests the same app on each kind of portal that anyio knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import App, Page, RunApp, StartApp

from transom.testing.webdriver import wait_for

CANCEL = """
  const abort = new AbortController();
  const {signal} = abort;
  let call;
  await new Promise((onProgress) => {
    call = transom.pyInvoke("hold", undefined, {signal, onProgress});
  });
  abort.abort();
  await call.catch(() => {});
"""
MESSAGES = [
    "supervisor.Route",
    "window.Admit",
    "command.Request",
    "executor.Dispatch",
    "executor.Finished",
    "command.Finished",
    "window.Released",
    "supervisor.Released",
]
PORTALS = {"asyncio": "asyncio", "uvloop": "uvloop", "trio": "trio", "provider": "asyncio"}


@pytest.fixture(scope="module", params=PORTALS)
def app(start_shared: StartApp, request: pytest.FixtureRequest) -> App:
    return start_shared("portals", env={"PORTAL": request.param})


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def test_a_command_runs_on_the_loop_that_was_given(
    page: Page, request: pytest.FixtureRequest
) -> None:
    portal = request.node.callspec.params["app"]
    assert page.invoke("loop_kind") == PORTALS[portal]


def test_many_calls_at_once_all_answer(page: Page) -> None:
    results = page.run(
        """
        const calls = Array.from({length: 600}, () => transom.pyInvoke("count", 1));
        return await Promise.all(calls);
        """
    )
    assert results == [1] * 600


def test_a_cancel_reaches_the_awaiting_command(page: Page) -> None:
    page.run(CANCEL)
    wait_for(lambda: "hold" in page.invoke("ended_calls"))


def test_progress_comes_before_the_result(page: Page) -> None:
    seen = page.run(
        """
        const seen = [];
        const result = await transom.pyInvoke("count", 50, {onProgress: (p) => seen.push(p.done)});
        return [seen.at(-1), result];
        """
    )
    assert seen == [50, 50]


def test_python_calls_a_function_of_the_page(page: Page) -> None:
    page.run("transom.expose('answer', async (question) => question + '!')")
    assert page.invoke("ask", "how") == "how!"


def test_a_call_takes_eight_messages(page: Page) -> None:
    page.invoke("record", True)
    page.invoke("count", 1)
    page.invoke("loop_kind")
    wait_for(lambda: page.invoke("running") == ["running"])
    trace = json.loads(page.invoke("record", False))
    for command in ["count", "loop_kind"]:
        assert messages_of(command, trace) == MESSAGES


def test_a_cancelled_call_takes_three_messages_more(page: Page) -> None:
    page.invoke("record", True)
    page.run(CANCEL)
    wait_for(lambda: page.invoke("running") == ["running"])
    trace = json.loads(page.invoke("record", False))
    # The work may end before its window is told of the answer.
    cancel = ["window.Settled", "command.Cancel", "executor.Interrupt"]
    assert sorted(messages_of("hold", trace)) == sorted(MESSAGES + cancel)


def messages_of(command: str, trace: list[dict[str, Any]]) -> list[str]:
    def is_route(step: dict[str, Any]) -> bool:
        return step["event"].get("Route", {}).get("command") == command

    key = next(step["call"] for step in trace if is_route(step))
    return [f"{it['actor']}.{next(iter(it['event']))}" for it in trace if it["call"] == key]


@pytest.mark.parametrize("portal", PORTALS)
def test_the_portal_closes_after_exit(run_app: RunApp, portal: str) -> None:
    html = """<!doctype html><script type="module">
      const {pyInvoke} = window.__TAURI__.transom;
      pyInvoke("hold").catch(() => {});
      await pyInvoke("count", 3);
      pyInvoke("leave");
    </script>"""
    done = run_app("portals", html=html, env={"PORTAL": portal})
    assert (done.code, done.output.strip()) == (3, "portal closed")
