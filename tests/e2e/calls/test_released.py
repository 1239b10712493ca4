"""Tests `call.released`: it says how the work of a call ended, perhaps after the call itself."""

from __future__ import annotations

import pytest
from harness import Page, StartApp

from transom.testing.webdriver import wait_for

START = """
const [command, body] = args;
const controller = new AbortController();
const call = transom.pyInvoke(command, body, {signal: controller.signal});
call.catch(() => {});
window.last = {controller, call};
"""
ABORT = """
const {controller, call} = window.last;
controller.abort("enough");
const reason = await call.catch((reason) => reason);
const first = await Promise.race([call.released, Promise.resolve("open")]);
return [reason, first, await call.released];
"""


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def page(start_shared: StartApp, request: pytest.FixtureRequest) -> Page:
    return start_shared("lifecycle", env={"BACKEND": request.param}).page()


def start(page: Page, command: str, body: object, line: str | None) -> None:
    """Starts a call, and waits until its code runs."""
    before = page.invoke("journal").count(line)
    page.run(START, command, body)
    if line is not None:
        wait_for(lambda: page.invoke("journal").count(line) > before, what=f"{line!r}")


@pytest.mark.parametrize(
    ("command", "body", "how"),
    [
        ("hold", "released", "cancelled"),
        ("clean_up", 0.2, "cancelled"),
        ("stubborn", 0.3, "finished"),
        ("hold_thread", "released", "cancelled"),
        ("deaf_thread", 0.3, "finished"),
        ("fails_to_clean_up", "bad", "cancelled"),
        ("fails_to_clean_up_in_a_thread", "bad thread", "cancelled"),
    ],
)
def test_released_tells_how_the_work_of_an_aborted_call_ended(
    page: Page, command: str, body: object, how: str
) -> None:
    line = f"{body} started" if isinstance(body, str) else f"{command} started"
    start(page, command, body, line)
    assert page.run(ABORT) == ["enough", "open", how]

    def nothing_is_held() -> bool:
        host = page.invoke("gauges")
        counted = host["commands"][command]
        held = counted["granted"], counted["waiting"]
        return held == (0, 0) and host["windows"]["main"]["orphans"] == 0

    # What a call held is given back a moment later.
    wait_for(nothing_is_held, what="the place of the call")


@pytest.mark.parametrize("buffer", [1, 1024], ids=["at its yield", "at an await"])
def test_released_of_a_stream_whose_clean_up_fails_is_cancelled(page: Page, buffer: int) -> None:
    released = f"""
        const options = {{buffer: {buffer}}};
        const stream = transom.pyStream("ticks_that_fail_to_close", undefined, options);
        for await (const tick of stream) if (tick > 2) break;
        return await stream.released;
        """
    assert page.run(released) == "cancelled"


def test_released_of_a_queued_call_is_cancelled_and_it_never_ran(page: Page) -> None:
    start(page, "hold_alone", "first", "first started")
    first = "window.first = window.last;"
    page.run(first)
    start(page, "hold_alone", "second", None)
    wait_for(lambda: page.invoke("gauges")["commands"]["hold_alone"]["waiting"] == 1)
    assert page.run(ABORT)[2] == "cancelled"
    assert page.run("window.last = window.first;" + ABORT)[2] == "cancelled"
    assert "second started" not in page.invoke("journal")


def test_released_of_a_call_that_waits_on_the_page_is_cancelled(page: Page) -> None:
    ends = page.run(
        """
        const ends = [];
        const controllers = [];
        for (let i = 0; i < 300; i++) {
          const controller = new AbortController();
          controllers.push(controller);
          const call = transom.pyInvoke("hold", "many", {signal: controller.signal});
          call.catch(() => {});
          ends.push(call.released);
        }
        for (const controller of controllers.reverse()) controller.abort();
        return await Promise.all(ends);
        """
    )
    assert ends == ["cancelled"] * 300


def test_released_of_a_call_that_ended_by_itself_is_finished(page: Page) -> None:
    assert page.run(
        """
        const good = transom.pyInvoke("deaf_thread", 0);
        const bad = transom.pyInvoke("deaf_thread", -1);
        await Promise.allSettled([good, bad]);
        return [await good.released, await bad.released];
        """
    ) == ["finished", "finished"]


def test_released_never_rejects_where_nothing_ran(page: Page) -> None:
    assert (
        page.run(
            """
        const signal = AbortSignal.abort();
        const calls = [
          transom.pyInvoke("hold", "x", {signal}),
          transom.pyInvoke("hold", 1),
          transom.pyInvoke("nobody"),
          transom.rawPyInvoke("hold", "no bytes"),
        ];
        await Promise.allSettled(calls);
        return await Promise.all(calls.map((call) => call.released));
        """
        )
        == ["cancelled"] * 4
    )
