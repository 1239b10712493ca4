"""Tests backpressure: a sender to a slow page waits, is refused, or loses an event."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from harness import App, Page, StartApp
from patience import tried_again

from transom.testing.webdriver import wait_for

# What may be on its way to a page.
MESSAGES, BYTES = 131_072, 64 << 20
MIB = 1 << 20

LISTEN = """
window.got = [];
await window.__TAURI__.event.listen("number", (e) => window.got.push(e.payload.n));
"""
# Opens a channel and starts a command that sends by it: `got` are the numbers that came.
FLOOD = """
const [command, count, size, gate, stop] = args;
const {Channel} = window.__TAURI__.core;
window.got = [];
window.channel = new Channel((m) => {
  window.got.push(m instanceof ArrayBuffer ? new DataView(m).getUint32(0) : m);
});
window.call = transom.pyInvoke(command, {channel: window.channel, count, size, gate, stop});
window.call.catch(() => {});
"""


@pytest.fixture
def app(start_app: StartApp) -> Iterator[App]:
    app = start_app("backlogs")
    yield app
    stopped = app.folder / "stopped"
    for pid in stopped.read_text().split() if stopped.exists() else ():
        end_renderer(int(pid))


def end_renderer(pid: int) -> None:
    """Kills a web process. One that is stopped sees neither the end of its window nor of its app,
    and would stay.
    """
    with suppress(OSError):
        if Path(f"/proc/{pid}/comm").read_text().startswith("WebKitWebProces"):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def main(app: App) -> Page:
    return app.page()


@pytest.fixture
def other(app: App, main: Page) -> Page:
    main.invoke("open_window", "other")
    return app.page("other")


def flood(main: Page, other: Page, command: str, count: int, size: int = MIB) -> None:
    """Has `other` stand still, and `command` send to it."""
    other.run(FLOOD, command, count, size, True, "")
    other.wait_until("window.got.length === 5")
    main.invoke("stop", "other")


def look(main: Page) -> dict[str, Any]:
    return main.invoke("look")


def stands_still(main: Page, command: str, messages: int = 1, size: int = 0) -> int:
    """Waits until the command gets no further, and gives how far it has come.

    At least so many messages and bytes are on their way to the other page then.
    """
    seen = list[int]()

    def same() -> bool:
        now = look(main)
        seen.append(now["sent"][command])
        waiting = now["backlogs"]["other"]
        if waiting[0] < messages or waiting[1] < size:  # it may just be slow
            return False
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    wait_for(same, 120.0, "the sender to stand still")
    return seen[-1]


def wait_ended(main: Page, command: str, timeout: float = 120.0) -> str:
    wait_for(lambda: command in look(main)["ended"], timeout, f"the end of {command}")
    return look(main)["ended"][command]


@pytest.mark.parametrize("command", ["from_a_command", "from_a_thread"])
def test_a_thread_waits_for_a_page_that_stands_still_and_nothing_is_lost(
    main: Page, other: Page, command: str
) -> None:
    before = look(main)["memory"]
    flood(main, other, command, 300)
    stood = stands_still(main, command, size=32 * MIB + 1)
    now = look(main)
    assert stood < 300
    messages, size = now["backlogs"]["other"]
    assert 0 < messages <= MESSAGES
    assert size <= BYTES
    assert now["memory"] - before < 160
    main.invoke("go_on", "other")
    other.wait_until("window.got.length === 300", 120.0)
    assert other.run("return window.got") == list(range(300))
    assert wait_ended(main, command) == "done"
    wait_for(lambda: look(main)["backlogs"]["other"] == [0, 0], what="an empty backlog")


def test_what_a_page_is_slow_to_read_is_bounded_too(main: Page, other: Page) -> None:
    before = look(main)["memory"]
    count = 400
    other.run(FLOOD, "from_a_command", count, MIB, False, "")
    most = 0

    def over() -> bool:
        nonlocal most
        now = look(main)
        most = max(most, now["memory"] - before)
        assert now["backlogs"]["other"][1] <= BYTES
        return "from_a_command" in now["ended"]

    wait_for(over, 120.0, "the end of the command")
    assert most < 300
    other.wait_until(f"window.got.length === {count}", 120.0)
    assert other.run("return window.got") == list(range(count))


def test_small_messages_are_bounded_by_their_number(main: Page, other: Page) -> None:
    count = MESSAGES + 10_000
    flood(main, other, "from_a_command", count, 0)
    assert stands_still(main, "from_a_command", MESSAGES - 10) < count
    assert look(main)["backlogs"]["other"][0] <= MESSAGES
    main.invoke("go_on", "other")
    other.wait_until(f"window.got.length === {count}", 120.0)
    assert other.run("return window.got.every((n, i) => n === i)")
    assert wait_ended(main, "from_a_command") == "done"


@pytest.mark.parametrize("command", ["on_the_loop", "from_a_callback"])
def test_where_nobody_may_wait_a_send_is_refused(main: Page, other: Page, command: str) -> None:
    other.run(FLOOD, command, 300, MIB, False, "other")
    assert wait_ended(main, command) == "PageBehind"
    now = look(main)
    assert now["counters"]["refused-message"] == 1
    main.invoke("go_on", "other")
    sent = now["sent"][command]
    other.wait_until(f"window.got.length === {sent}", 120.0)
    assert other.run("return window.got") == list(range(sent))


@pytest.mark.parametrize("command", ["from_a_command", "from_a_thread"])
def test_a_wait_ends_with_the_window(main: Page, other: Page, command: str) -> None:
    flood(main, other, command, 10_000)
    stands_still(main, command)
    main.invoke("close_window", "other")
    assert wait_ended(main, command) in {"WindowClosed", "Cancelled"}
    wait_for(lambda: "other" not in look(main)["backlogs"], what="the end of the gauge")


@pytest.mark.parametrize("command", ["from_a_command", "from_a_thread"])
def test_a_wait_ends_with_the_app(app: App, main: Page, other: Page, command: str) -> None:
    flood(main, other, command, 10_000)
    stands_still(main, command)
    main.run_last("window.__TAURI__.transom.pyInvoke('leave', 7)")
    told = app.folder / "end.json"
    wait_for(told.exists, what="the end of the app")
    end = json.loads(told.read_text())
    assert end["code"] == 7
    if command == "from_a_command":
        assert end["ended"][command] in {"WindowClosed", "Cancelled"}


def test_a_wait_ends_with_the_document(main: Page, other: Page) -> None:
    flood(main, other, "from_a_command", 10_000)
    stands_still(main, "from_a_command")
    main.invoke("reload_window", "other")
    main.invoke("go_on", "other")
    assert wait_ended(main, "from_a_command") in {"Cancelled", "WindowClosed"}
    wait_for(lambda: look(main)["backlogs"]["other"] == [0, 0], 60.0, "an empty backlog")


@tried_again
def test_an_event_waits_for_a_page_that_is_slow_and_none_is_lost(main: Page, other: Page) -> None:
    """An event waits for a second."""
    before = look(main)["counters"]["dropped-event"]
    for page in (main, other):
        page.reload()
        page.run(LISTEN)
    other.run_last("const end = Date.now() + 300; while (Date.now() < end);")
    main.invoke("to_all", [900, 100_000])
    assert look(main)["counters"]["dropped-event"] == before
    for page in (main, other):
        page.wait_until("window.got.length === 900", 120.0)
        assert page.run("return window.got") == list(range(900))


@pytest.mark.parametrize("command", ["to_all", "to_all_on_the_loop"])
def test_events_for_a_page_that_stands_still_are_dropped_and_others_get_all(
    main: Page, other: Page, command: str
) -> None:
    for page in (main, other):
        page.run(LISTEN)
    before = look(main)["memory"]
    main.invoke("stop", "other")
    batches = 5
    for n in range(batches):
        # In parts, which have room even if the page that keeps up does so slowly.
        main.run("window.got = []")
        main.invoke(command, [900 // batches, 100_000])
        main.wait_until(f"window.got.length === {900 // batches}", 120.0)
        assert main.run("return window.got") == list(range(900 // batches)), n
    now = look(main)
    dropped = now["counters"]["dropped-event"]
    assert 0 < dropped < 900
    assert now["memory"] - before < 160
    main.invoke("go_on", "other")
    other.wait_until(f"window.got.length === {900 - dropped}", 120.0)
    assert wait_ended(main, "to_all") == "done"


def test_an_event_of_a_call_waits_as_its_channels_do(main: Page, other: Page) -> None:
    other.run(LISTEN + "window.call = transom.pyInvoke('by_ctx_emit', 900);")
    other.wait_until("window.got.length === 5")
    main.invoke("stop", "other")
    assert stands_still(main, "by_ctx_emit", size=32 * MIB) < 900
    main.invoke("go_on", "other")
    other.wait_until("window.got.length === 900", 120.0)
    assert other.run("return window.got") == list(range(900))
