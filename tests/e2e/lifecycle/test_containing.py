"""Tests that an exception in user code ends only its own work, is logged once, and nothing else."""

from __future__ import annotations

import pytest
from harness import App, Page, RunApp, StartApp

from transom.testing.webdriver import wait_for

TEXTS = {
    "Exception": "an exception",
    "SystemExit": "a system exit",
    "KeyboardInterrupt": "an interrupt",
    "CancelledError": "by hand",
    "GeneratorExit": "a generator's exit",
}
KINDS = list(TEXTS)
TEXTS["ApiError"] = "an odd exception"
"""The parts of this one raise when they are read."""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("containing")


def lives(page: Page) -> bool:
    """Whether both executors still answer."""
    return page.invoke("tick", 1) == page.invoke("tick_thread", 1) == 1


def logged(app: App, kind: str, before: int) -> int:
    """How often more than `before` a traceback that ends in this exception was written."""
    wait_for(lambda: times(app, kind) > before, what=f"the log of {kind}")
    return times(app, kind) - before


def times(app: App, kind: str) -> int:
    """The last line of a traceback begins with the class, perhaps with its module."""
    lines = app.output().splitlines()
    return sum(line.endswith(TEXTS[kind]) and not line.startswith(" ") for line in lines)


@pytest.mark.parametrize("kind", [*KINDS, "ApiError"])
@pytest.mark.parametrize("command", ["raise_async", "raise_later", "raise_thread"])
def test_a_command(app: App, command: str, kind: str) -> None:
    page, before = app.page(), times(app, kind)
    error = page.failure(command, kind)
    assert error.code == "command-error"
    assert error.details["started"] is True
    assert lives(page)
    assert logged(app, kind, before) == 1


@pytest.mark.parametrize("kind", ["Exception", "SystemExit", "KeyboardInterrupt"])
@pytest.mark.parametrize(
    "way", ["call_soon", "call_later", "call_soon_threadsafe", "add_done_callback"]
)
def test_a_callback_of_the_event_loop(app: App, way: str, kind: str) -> None:
    page, before = app.page(), times(app, kind)
    page.invoke("raise_in_callback", {"way": way, "name": kind})
    assert logged(app, kind, before) == 1
    assert lives(page)


def test_a_command_that_cancels_itself(app: App) -> None:
    assert app.page().failure("cancel_myself").code == "command-error"
    assert lives(app.page())


@pytest.mark.parametrize("kind", [*KINDS, "ApiError"])
def test_a_listener(app: App, kind: str) -> None:
    page = app.page()
    for way in ("plain", "async"):
        before = times(app, kind)
        page.invoke("listen", {"name": kind, "kind": way})
        page.run("await window.__TAURI__.event.emit(args[0], null)", f"boom-{kind}")
        logged(app, kind, before)
        assert lives(page)


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_on_the_main_thread(app: App, kind: str) -> None:
    page, before = app.page(), times(app, kind)
    page.invoke("on_main", kind)
    assert logged(app, kind, before) == 1
    assert lives(page)


def test_what_cannot_run_on_the_main_thread_is_refused_at_once(app: App) -> None:
    answers = app.page().invoke("refused_on_main")
    assert answers[:3] == answers[3:]
    is_async, takes_one, no_function = answers[:3]
    assert "ValueError" in is_async
    assert "is an `async def`, which nobody would await" in is_async
    assert "ValueError" in takes_one
    assert "takes_one()`, which it cannot be: missing a required argument" in takes_one
    assert no_function == "TypeError: the function for the UI thread must be a function, got 5"


def test_a_coroutine_that_nobody_awaits(app: App) -> None:
    page = app.page()
    page.invoke("forget_to_await")
    for _ in range(3):
        page.run("await window.__TAURI__.event.emit('forgotten', null)")
    failed = "` returned a coroutine, which nobody awaits, so nothing of it ran. "
    for kind in ("<lambda>", "returns_one_later", "returns_one"):
        app.wait_output(f"{kind}{failed}Make it an `async def`")
    app.wait_output(f"returns_one{failed}Write a plain `def`")
    assert lives(page)
    assert app.output().count("<lambda>` returned a coroutine") == 1
    assert "was never awaited" not in app.output()


def test_a_listener_that_is_a_generator_is_refused_at_once(app: App) -> None:
    assert "write it without `yield`" in app.page().invoke("listen_with_a_generator")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_callback(run_app: RunApp, kind: str) -> None:
    html = "<script>window.__TAURI__.transom.pyInvoke('quit', 7)</script>"
    done = run_app("containing", html=html, env={"RAISE_IN_RUN": kind})
    assert done.code == 7, done.output
    # At the start of the app, and at the request to exit.
    assert done.output.count(TEXTS[kind]) == 2


SET_UP = """
import sys
from pathlib import Path
import transom
from transom import Commands

def set_up(app):
    raise {error}

try:
    transom.run(Commands(), Path(__file__).parent, setup=set_up)
except BaseException as error:
    print("raised", type(error).__name__, error)
    sys.exit(3)
"""


@pytest.mark.parametrize(
    "error", ["LookupError('no')", "SystemExit('no')", "KeyboardInterrupt('no')"]
)
def test_setup(run_app: RunApp, error: str) -> None:
    done = run_app(SET_UP.replace("{error}", error))
    assert done.code == 3, done.output
    assert f"raised {error.partition('(')[0]} no" in done.output
    assert "panicked" not in done.output


def test_a_setup_that_returns_a_coroutine(run_app: RunApp) -> None:
    source = SET_UP.replace("raise {error}", "return later()")
    done = run_app(source.replace("def set_up", "async def later(): ...\n\ndef set_up"))
    assert done.code == 3, done.output
    assert "raised UnawaitedError `set_up` returned a coroutine" in done.output
