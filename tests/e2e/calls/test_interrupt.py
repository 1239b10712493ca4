"""Tests stopping code that never checks: `interrupt=True`, `ctx.shield()`, and `ctx.check()`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import App, Page, PageError, StartApp

from transom.testing.webdriver import wait_for

HOLD = """
const controller = new AbortController();
const call = transom.pyInvoke(args[0], undefined, {signal: controller.signal});
window.held = {controller, outcome: call.catch((e) => e)};
"""


SLOW = """
import time
from pathlib import Path
import slow.part
HERE = Path(__file__).parent
(HERE / "importing").touch()
end = time.monotonic() + 600
while not (HERE / "go on").exists() and time.monotonic() < end:
    time.sleep(0.002)

VALUE = slow.part.VALUE
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    files = {"slow/__init__.py": SLOW, "slow/part.py": "VALUE = 42"}
    return start_shared("stopping", files=files)


@pytest.fixture
def page(app: App) -> Iterator[Page]:
    page = app.page()
    page.invoke("reset")
    yield page
    wait_for(lambda: page.invoke("running") == ["running"], what="the end of all calls")


def start(page: Page, command: str, journal: str = "journal") -> None:
    page.run(HOLD, command)
    wait_for(lambda: "started" in page.invoke(journal), what="the start")


def abort(page: Page) -> PageError:
    error = page.run("window.held.controller.abort(); return await window.held.outcome")
    assert isinstance(error, PageError)
    return error


def wait_journal(page: Page, line: str) -> list[str]:
    wait_for(lambda: line in page.invoke("journal"), what=f"{line!r} in the journal")
    return page.invoke("journal")


def test_an_interrupt_stops_a_loop_in_pure_python_and_runs_its_finally(page: Page) -> None:
    start(page, "spin_for_ever")
    assert abort(page).name == "AbortError"
    wait_journal(page, "finally")


def test_an_interrupt_waits_for_the_end_of_an_import(app: App, page: Page) -> None:
    start(page, "import_and_spin")
    wait_for((app.folder / "slow" / "importing").exists, what="the import")
    assert abort(page).name == "AbortError"
    assert page.invoke("quick") == "quick"
    (app.folder / "slow" / "go on").touch()
    wait_journal(page, "finally")
    assert page.invoke("use_slow") == 42


def test_a_shield_defers_an_interrupt_to_its_end(page: Page) -> None:
    start(page, "spin_shielded")
    assert abort(page).name == "AbortError"
    assert wait_journal(page, "finally") == ["started", "shielded", "finally"]


def test_interrupted_threads_go_on_with_other_calls(page: Page) -> None:
    counts = page.run(
        """
        const outcomes = [...Array(300).keys()].map((i) => {
          const controller = new AbortController();
          const call = transom.pyInvoke("quick", undefined, {signal: controller.signal});
          if (i % 2) setTimeout(() => controller.abort(), i % 7);
          return call.catch((e) => e.name);
        });
        const all = await Promise.all(outcomes);
        return [all.filter((it, i) => i % 2 === 0 && it === "quick").length,
                all.filter((it) => it !== "quick" && it !== "AbortError")];
        """
    )
    assert counts == [150, []]
    assert page.invoke("quick") == "quick"


def test_a_shield_lets_asynchronous_clean_up_end(page: Page) -> None:
    start(page, "wait_shielded")
    abort(page)
    assert wait_journal(page, "finally") == ["started", "cleaned up", "finally"]


def test_asynchronous_clean_up_is_bounded(page: Page) -> None:
    start(page, "wait_shielded_too_long")
    abort(page)
    wait_journal(page, "finally")


def test_check_stops_an_async_command_that_blocks_the_loop(page: Page) -> None:
    start(page, "check_on_the_loop", "journal_in_thread")
    assert abort(page).name == "AbortError"
    assert wait_journal(page, "finally") == ["started", "finally"]


def test_check_in_a_task_of_an_async_command_ends_it(page: Page) -> None:
    start(page, "check_in_a_group", "journal_in_thread")
    assert abort(page).name == "AbortError"
    wait_for(lambda: page.invoke("running") == ["running"], what="the end of the call")
    assert "raised" not in page.driver.output()
