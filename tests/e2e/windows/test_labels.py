"""Tests that a label belongs to one window: building it, freeing it, and waiting for its end."""

from __future__ import annotations

import pytest
from harness import App, StartApp

from transom.testing.webdriver import wait_for

SOURCE = '''
import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio

import transom
from transom import AppHandle, Commands, Manager, WebviewUrl, WindowEvent
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()
URL = WebviewUrl.App("index.html")


def outcome(f: Callable[[], object]) -> str:
    try:
        f()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def at_once(works: list[Callable[[], object]]) -> list[str]:
    """The outcomes of works that begin together, each in a thread."""
    barrier, outcomes = threading.Barrier(len(works)), []

    def begin(work):
        barrier.wait()
        outcomes.append(outcome(work))

    threads = [threading.Thread(target=begin, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@commands.command()
async def tick(body: int) -> int:
    return body


@commands.command()
def race(body: str, app_handle: AppHandle) -> list[list[str]]:
    """Eight threads build one label, ten times."""
    handle, rounds = app_handle.app, []
    for _ in range(10):
        rounds.append(at_once([lambda: WebviewWindowBuilder.build(handle, body, URL)] * 8))
        window = Manager.get_webview_window(handle, body)
        window.destroy()
        window.blocking_closed(timeout=60)
    return rounds


@commands.command()
def in_turn(body: str, app_handle: AppHandle) -> list[object]:
    """What is seen of a window from its `close` or `destroy` on, and of the next one."""
    seen = []
    for way in ("close", "destroy") * 5:
        window = WebviewWindowBuilder.build(app_handle, body, URL)
        getattr(window, way)()
        seen.append([
            Manager.get_webview_window(app_handle, body) is None,
            body in Manager.webview_windows(app_handle),
            outcome(window.set_focus).partition(":")[0],
            outcome(getattr(window, way)),
            outcome(lambda: WebviewWindowBuilder.build(app_handle, body, URL)),
        ])
        Manager.get_webview_window(app_handle, body).destroy()
    return seen


@commands.command()
async def on_the_loop(body: str, app_handle: AppHandle) -> str:
    """The same where other commands run meanwhile."""
    for _ in range(5):
        WebviewWindowBuilder.build(app_handle, body, URL).destroy()
    window = WebviewWindowBuilder.build(app_handle, body, URL)
    refused = outcome(window.blocking_closed)
    window.destroy()
    await window.closed(timeout=60)
    return refused


async def watch(window: WebviewWindow) -> list[str]:
    """How waits for its end come back: too early, while it ends, and after that."""
    outcomes = []
    try:
        await window.closed(timeout=0.05)
    except TimeoutError as error:
        outcomes.append(str(error))
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(window.closed)
        await anyio.sleep(0.05)
        window.close()
    await window.closed()
    outcomes.append("closed")
    return outcomes


@commands.command()
async def await_end(body: str, app_handle: AppHandle) -> list[str]:
    return await watch(WebviewWindowBuilder.build(app_handle, body, URL))


@commands.command()
def await_end_elsewhere(body: str, app_handle: AppHandle) -> list[str]:
    return anyio.run(watch, WebviewWindowBuilder.build(app_handle, body, URL))


@commands.command()
def await_end_in_thread(body: str, app_handle: AppHandle) -> list[str]:
    window = WebviewWindowBuilder.build(app_handle, body, URL)
    waits = [lambda: window.blocking_closed(timeout=60)] * 3
    early = outcome(lambda: window.blocking_closed(timeout=0.05))
    return [early, *at_once([*waits, window.close])]


@commands.command()
def wait_for_ever(webview_window: WebviewWindow) -> None:
    webview_window.blocking_closed()


@commands.command()
def refuse_closing(body: str, app_handle: AppHandle) -> list[bool]:
    """A window that a handler keeps is there after `close`."""

    def keep(event: object) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            event.api.prevent_close()

    window = WebviewWindowBuilder.build(app_handle, body, URL)
    window.on_window_event(keep)
    window.close()
    return [Manager.get_webview_window(app_handle, body) is not None, window.is_visible()]


@commands.command()
def open_and_close(body: str, app_handle: AppHandle) -> list[str]:
    """200 mixed opens and closes by four threads, then one open."""
    handle = app_handle.app

    def open() -> None:
        WebviewWindowBuilder.get_or_build(handle, body, URL)

    def close() -> None:
        if (window := Manager.get_webview_window(handle, body)) is not None:
            window.close()

    def work(turn: int) -> None:
        for step in range(50):
            (close if (step * 7 + turn) % 3 == 0 else open)()

    outcomes = at_once([lambda turn=turn: work(turn) for turn in range(4)])
    return [*outcomes, outcome(open)]


def becomes(probe: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60.0
    while not probe() and time.monotonic() < end:
        time.sleep(0.01)
    return probe()


@commands.command()
def get_twice(body: str, app_handle: AppHandle) -> list[object]:
    """The second `get_or_build` shows the window that the first one made."""
    window = WebviewWindowBuilder.get_or_build(app_handle, body, URL, title="first")
    window.hide()
    # The window system hides and shows it some time later.
    hidden = becomes(lambda: not window.is_visible())
    again = WebviewWindowBuilder.get_or_build(app_handle, body, URL, title="second")
    return [hidden, again == window, becomes(again.is_visible), again.title()]


@commands.command()
def get_in_ui_thread(body: str, app_handle: AppHandle) -> list[str]:
    outcomes, done = [], threading.Event()

    def work() -> None:
        for build in (WebviewWindowBuilder.get_or_build, WebviewWindowBuilder.get_or_build):
            outcomes.append(outcome(lambda: build(app_handle, body, URL)))
        window = Manager.get_webview_window(app_handle, body)
        outcomes.append(outcome(window.blocking_closed))
        window.destroy()
        outcomes.append(outcome(lambda: WebviewWindowBuilder.build(app_handle, body, URL)))
        done.set()

    app_handle.run_on_main_thread(work)
    done.wait(60)
    return outcomes


if __name__ == "__main__":
    backend = os.environ.get("BACKEND", "asyncio")
    sys.exit(transom.run(commands, Path(__file__).parent, backend=backend))
'''


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared(SOURCE)


def is_alone(app: App) -> bool:
    """Whether the app has one window: no other is left over, in a list or not."""
    return len(app.driver.handles()) == 1


def test_of_threads_that_build_one_label_one_does(app: App) -> None:
    for outcomes in app.page().invoke("race", "raced"):
        refused = [it for it in outcomes if it != "done"]
        assert len(refused) == 7, outcomes
        for text in refused:
            assert text.startswith("RuntimeError: a webview with label `raced` already exists")
            assert "get_or_build" in text
            assert "await webview_window.closed()" in text
    wait_for(lambda: is_alone(app), what="no window that is in no list")


def test_a_window_goes_at_one_moment_and_its_label_is_free_from_then_on(app: App) -> None:
    for seen in app.page().invoke("in_turn", "half"):
        assert seen == [True, False, "WindowClosed", "done", "done"]
    refused = app.page().invoke("on_the_loop", "half")
    assert "await webview_window.closed()" in refused
    wait_for(lambda: is_alone(app), what="the end of every other window")


def test_a_window_that_is_kept_open_is_there_after_close(app: App) -> None:
    main = app.page()
    assert main.invoke("refuse_closing", "kept") == [True, True]
    assert app.page("kept").invoke("tick", 1) == 1


@pytest.mark.parametrize("command", ["await_end", "await_end_elsewhere"])
def test_the_end_of_a_window_can_be_awaited_on_any_loop(app: App, command: str) -> None:
    early, then = app.page().invoke(command, command)
    assert (early, then) == (f"the window `{command}` was still there after 0.05 s", "closed")


def test_the_end_of_a_window_can_be_awaited_on_trio(start_app: StartApp) -> None:
    page = start_app(SOURCE, env={"BACKEND": "trio"}).page()
    assert page.invoke("await_end", "ends")[1:] == ["closed"]


def test_the_end_of_a_window_can_be_waited_for_in_threads(app: App) -> None:
    early, *others = app.page().invoke("await_end_in_thread", "ends")
    assert early.startswith("TimeoutError: the window `ends`")
    assert others == ["done"] * 4


def test_a_wait_for_the_end_of_a_window_ends_with_its_call(app: App) -> None:
    ended = app.page().run(
        """
        const abort = new AbortController();
        const call = transom.pyInvoke("wait_for_ever", undefined, {signal: abort.signal});
        call.catch(() => {});
        setTimeout(() => abort.abort(), 100);
        return await call.released;
        """
    )
    assert ended == "cancelled"


def test_no_open_is_lost_among_closes(app: App) -> None:
    assert app.page().invoke("open_and_close", "mixed") == ["done"] * 5
    mixed = app.page("mixed")
    assert mixed.invoke("tick", 2) == 2


def test_a_window_that_is_there_is_shown_and_not_built_again(app: App) -> None:
    assert app.page().invoke("get_twice", "twice") == [True, True, True, "first"]


def test_the_ui_thread_waits_for_no_window(app: App) -> None:
    built, found, waited, again = app.page().invoke("get_in_ui_thread", "ui")
    assert (built, found) == ("done", "done")
    assert waited.startswith("RuntimeError: `blocking_closed` cannot run on the UI thread")
    assert "already exists" in again
