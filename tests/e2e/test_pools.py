"""Who goes where in a pool of worker processes, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import App, Page, StartApp
from webdriver import wait_for

WINDOWS = [{"label": label, "url": "index.html"} for label in ("main", "other")]


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("pools", config={"app": {"windows": WINDOWS}})


@pytest.fixture
def page(app: App) -> Iterator[Page]:
    (app.folder / "journal.txt").unlink(missing_ok=True)
    page = app.page()
    yield page
    wait_for(lambda: page.invoke("running") == [], what="the end of all calls")


@pytest.fixture
def other(app: App) -> Page:
    return app.page("other")


# Turns.


def test_a_window_that_floods_a_pool_starves_no_other(page: Page, other: Page) -> None:
    other.run("window.flood = [...Array(50)].map(() => transom.pyInvoke('in_turn', 0.03))")
    wait_for(lambda: "other" in page.invoke("journal"), what="the flood")
    page.run("await Promise.all([...Array(5)].map(() => transom.pyInvoke('in_turn', 0)))")
    turns = page.invoke("journal")
    first, last = turns.index("main"), len(turns) - 1 - turns[::-1].index("main")
    between = "".join(turn[0] for turn in turns[first : last + 1])
    assert "ooo" not in between, f"main waited for more than a round: {turns}"
    assert other.run("return (await Promise.all(window.flood)).length") == 50
    assert page.invoke("running") == []


def test_a_call_that_waits_for_a_worker_and_is_aborted_never_runs(page: Page) -> None:
    error, released = page.run(
        """
        window.busy = transom.pyInvoke("in_turn", 0.5);
        const controller = new AbortController();
        const call = transom.pyInvoke("in_turn", 0, {signal: controller.signal});
        await transom.pyInvoke("running");
        controller.abort();
        return [await call.catch((e) => e.name), await call.released];
        """
    )
    assert (error, released) == ("AbortError", "cancelled")
    page.run("await window.busy")
    assert page.invoke("journal") == ["main"]
