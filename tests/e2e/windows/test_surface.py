"""Tests scripts in pages, states of windows, and all methods with values of all kinds."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from harness import App, StartApp

from transom.testing.webdriver import wait_for

ERRORS = {"TypeError", "ValueError", "RuntimeError", "UnicodeEncodeError", "PageError"}
"""What a method may raise for a wrong value: `RuntimeError` is what Tauri refuses."""


class Elsewhere(BaseHTTPRequestHandler):
    """A page without the client, whose policy lets it do nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; sandbox allow-scripts")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - named so there


@pytest.fixture(scope="module")
def window_manager() -> Iterator[None]:
    """Windows are moved, maximized and minimized by one, where there is one."""
    if shutil.which("openbox") is None:
        yield
        return
    with subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL) as manager:
        yield
        manager.terminate()


@pytest.fixture(scope="module")
def app(window_manager: None, start_shared: StartApp) -> App:
    return start_shared("surface")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def evaluate(app: App, script: str, label: str = "main", timeout: float = 60.0) -> Any:
    return app.page().invoke("evaluate", [label, script, timeout])


VALUES: dict[str, Any] = {
    "1 + 1": 2,
    "[1, 'é', null, {a: true}]": [1, "é", None, {"a": True}],
    "undefined": None,
    "NaN": None,
    "({a: undefined, f: () => 1, b: 2})": {"b": 2},
    "'\\ud83d\\ude00'": "😀",
    "new Promise((resolve) => setTimeout(() => resolve('later'), 20))": "later",
    "await Promise.resolve(3) // with a comment": 3,
    "(() => { const a = 4; return a })()": 4,
    "document.readyState !== 'loading'": True,
    "'x'.repeat(5_000_000).length": 5_000_000,
}


def test_a_script_gives_its_value(app: App) -> None:
    for script, value in VALUES.items():
        assert evaluate(app, script) == value, script
        assert app.page().invoke("evaluate_in_thread", script) == value, script
    assert evaluate(app, "'x'.repeat(5_000_000)") == "x" * 5_000_000


FAILURES = {
    "nobody": "PageError: ReferenceError",
    "throw 1": "PageError: SyntaxError",
    "let a = 1": "PageError: SyntaxError",
    "": "PageError: SyntaxError",
    "Promise.reject(new RangeError('too far'))": "PageError: RangeError: too far",
    "new Map([[1, 2]])": "PageError: TypeError",
    "1n": "PageError: TypeError",
    "() => 1": "PageError: TypeError",
    "new Uint8Array(3)": "PageError: TypeError",
    "(() => { const a = []; a.push(a); return a })()": "PageError: TypeError",
    "'x'.repeat(2 ** 26 + 1)": "PageError: RangeError",
    "'['.repeat(5) + JSON.parse('[')": "PageError: SyntaxError",
}


def test_a_script_that_fails_is_a_page_error(app: App) -> None:
    for script, text in FAILURES.items():
        assert str(evaluate(app, script)).startswith(text), script
    blocking = app.page().invoke("evaluate_in_thread", "nobody")
    assert blocking.startswith("PageError: ReferenceError")


def test_a_script_has_its_time_and_its_place(app: App) -> None:
    late = evaluate(app, "new Promise(() => {})", timeout=0.1)
    assert late == "TimeoutError: the script in window `main` gave no answer within 0.1 s"
    there, cut, also_cut = app.page().invoke("refused")
    assert there.startswith("RuntimeError: `blocking_evaluate` would block the event loop")
    assert "NUL" in cut or "NUL" in also_cut


def test_a_promise_that_nothing_refers_to_is_waited_for(app: App) -> None:
    main = app.page()
    main.run(
        """window.waiting = transom.pyInvoke("evaluate", ["main", "new Promise(() => {})", 5.0])
           window.over = false
           window.waiting.finally(() => { window.over = true })"""
    )
    # Makes the engine collect what nothing refers to.
    main.run(
        """for (let round = 0; round < 20 && !window.over; round += 1) {
             for (let at = 0; at < 20_000; at += 1) window.garbage = new Array(1000).fill({at});
             await new Promise((resolve) => setTimeout(resolve, 20));
           }
           window.garbage = undefined;"""
    )
    assert main.run("return await window.waiting").startswith("TimeoutError")


def test_a_script_runs_where_there_is_no_client_and_a_strict_policy(
    app: App, elsewhere: str
) -> None:
    assert app.page().invoke("open_url", ["elsewhere", elsewhere]) == "elsewhere"
    assert evaluate(app, "typeof window.__TAURI__", "elsewhere") in {"object", "undefined"}
    assert evaluate(app, "[document.title, 1]", "elsewhere") == ["elsewhere", 1]
    blocked = evaluate(app, "eval('1')", "elsewhere")
    assert blocked.startswith("PageError: EvalError")
    app.page().invoke("destroy", "elsewhere")


def test_a_script_ends_with_its_page(app: App) -> None:
    main = app.page()
    main.invoke("open_own", "short")
    app.page("short")
    main.run(
        """window.waiting = [1, 2].map(() => transom.pyInvoke(
             "evaluate", ["short", "new Promise(() => { window.began = true })", 600.0]))"""
    )
    app.page("short").wait_until("window.began")
    app.page("short").reload()
    for text in main.run("return await Promise.all(window.waiting)"):
        assert text.startswith("WindowClosed: the script in window `short`")
    main.run(
        """window.waiting = transom.pyInvoke(
             "evaluate", ["short", "new Promise(() => { window.again = true })", 600.0])"""
    )
    app.page("short").wait_until("window.again")
    main.invoke("destroy", "short")
    assert main.run("return await window.waiting").startswith("WindowClosed")


def test_a_window_has_states_of_its_own_and_lets_them_go(app: App) -> None:
    main = app.page()
    assert main.invoke("read_notes") == "of the app"
    main.invoke("open_own", "noted")
    page = app.page("noted")
    assert page.invoke("read_notes") == "of the app"
    assert main.invoke("manage", ["noted", "of the window"]) == [True, False]
    assert page.invoke("read_notes") == "of the window"
    own = ["of the window"] * 6
    assert page.invoke("states") == [*own, "of the app", "NoneType"]
    assert main.invoke("read_notes") == "of the app"
    page.invoke("keep_window")
    assert main.invoke("is_let_go", "noted") is False
    main.invoke("destroy", "noted")
    wait_for(lambda: main.invoke("is_let_go", "noted"), what="the end of the window's state")
    main.invoke("open_own", "noted")
    assert app.page("noted").invoke("read_notes") == "of the app"
    assert main.invoke("state_of_kept") == "WindowClosed: the window `noted` is closed"
    main.invoke("destroy", "noted")


def test_both_sides_of_a_window_are_managers(app: App) -> None:
    seen = app.page().invoke("as_managers")
    heard = [it for it in seen if it == "Event"]
    others = [it for it in seen if it != "Event"]
    one = [True, ["main"], True]
    assert others == [*one, '<Webview "main">', *one, '<Window "main">']
    assert len(heard) <= 2


def test_every_method_is_on_a_side(app: App) -> None:
    assert app.page().invoke("sides") == [["as_ref_webview"], [], []]


@pytest.mark.parametrize("side", ["window", "page", "frame"])
def test_every_method_takes_what_fits_and_refuses_what_does_not(app: App, side: str) -> None:
    seen = app.page().invoke("walk", side)
    # A page that was told to reload has exposed nothing, or is not there yet.
    asked = {"PageError", "WindowClosed", "TimeoutError"}

    def is_expected(text: str, outcome: str, expected: set[str]) -> bool:
        return outcome in (expected | asked if text.startswith("blocking_") else expected)

    fits = {text: it for text, it in seen["fitting"].items() if not is_expected(text, it, {"done"})}
    assert fits == {}
    odd, fine = seen["odd"], ERRORS | {"done"}
    wrong = {text: it for text, it in odd.items() if not is_expected(text, it, fine)}
    assert wrong == {}
    assert len(seen["odd"]) > 500
    assert "panicked" not in app.output()


def test_every_argument_refuses_what_does_not_fit(app: App) -> None:
    seen = app.page().invoke("walk_arguments")
    assert {text: it for text, it in seen.items() if it not in ERRORS | {"done"}} == {}
    assert "panicked" not in app.output()
