"""Tests an app that was written for PyTauri: its capabilities, its client's calls, its folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from harness import App, Page, PageError, StartApp

from transom.testing.webdriver import wait_for

WINDOWS = ["main", "narrow", "shut"]
CAPABILITIES: dict[str, Any] = {
    "main": {
        "identifier": "main",
        "windows": ["main"],
        "permissions": ["core:default", "nobody:default", "pytauri:default"],
    },
    "others": {
        "identifier": "others",
        "windows": ["narrow", "shut"],
        "permissions": ["core:default", {"identifier": "nowhere:allow-x", "allow": [{"a": 1}]}],
    },
    "narrow": {
        "identifier": "narrow",
        "windows": ["narrow"],
        "permissions": [{"identifier": "transom:allow-call", "allow": [{"command": "greet"}]}],
    },
}
PYFUNC = """
const pyfunc = (name, body, headers = {}) =>
  window.__TAURI_INTERNALS__.invoke("plugin:pytauri|pyfunc", body, {
    headers: name === null ? headers : {pyfunc: name, ...headers},
  });
const text = (value) => new TextEncoder().encode(JSON.stringify(value));
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    windows = [{"label": label, "url": "index.html"} for label in WINDOWS]
    return start_shared("moved", config={"app": {"windows": windows}}, capabilities=CAPABILITIES)


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def pyfunc(page: Page, source: str, *args: Any) -> Any:
    return page.run(PYFUNC + source, *args)


def rejection(page: Page, source: str) -> Any:
    """What the promise is rejected with, and its type."""
    caught = f"{PYFUNC} return await ({source}).then(() => null, (e) => [typeof e, e])"
    return page.run(caught)


def test_a_call_of_pytauris_client_is_answered(page: Page) -> None:
    greeted = pyfunc(page, 'return await pyfunc("greet", text({name: "Ada"}))')
    assert greeted == "Hello, Ada, from main!"
    assert pyfunc(page, 'return await pyfunc("flip", args[0])', b"\x00\x01\xff") == b"\xff\x01\x00"
    assert pyfunc(page, 'return await pyfunc("flip", args[0].buffer)', b"") == b""
    assert pyfunc(page, 'return await pyfunc("nothing")') is None
    names = pyfunc(page, 'return await pyfunc("names", undefined, {"X-Own": "1"})')
    assert "x-own" in names
    assert not {"pyfunc", "transom"} & set(names)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('pyfunc("refuse")', "not today"),
        ('pyfunc("boom")', "ValueError('boom', 7)"),
        ('pyfunc("absent")', "no python handler `absent` found"),
        ("pyfunc(null)", "There is no pyfunc header"),
        ('pyfunc("greet")', "Please use `ArrayBuffer` or `Uint8Array` for `InvokeBody::Raw`."),
        ('pyfunc("greet", text({}))', "1 validation error for Person\nname\n  Field required"),
    ],
)
def test_it_is_rejected_with_a_text(page: Page, source: str, text: str) -> None:
    kind, said = rejection(page, source)
    assert kind == "string"
    assert said.startswith(text)


def test_the_global_of_pytauri_is_there(page: Page) -> None:
    source = "return await window.__TAURI__.pytauri.pyInvoke(...args)"
    assert page.run(source, "greet", {"name": "Ada"}) == "Hello, Ada, from main!"
    caught = "return await window.__TAURI__.pytauri.pyInvoke(...args).catch((e) => typeof e)"
    assert page.run(caught, "refuse") == "string"


def test_it_has_the_permissions_of_its_window(app: App) -> None:
    narrow = app.page("narrow")
    assert pyfunc(narrow, 'return await pyfunc("greet", text({name: "A"}))').endswith("narrow!")
    kind, said = rejection(narrow, 'pyfunc("nothing")')
    assert kind == "string"
    assert said.startswith("window `narrow` may not call `nothing`")
    with pytest.raises(PageError, match="not allowed"):
        pyfunc(app.page("shut"), 'return await pyfunc("greet", text({name: "A"}))')


def test_it_goes_on_when_the_pages_other_client_begins(page: Page) -> None:
    pyfunc(page, 'window.waits = pyfunc("wait")')
    page.invoke("open_gate")
    assert page.run("return await window.waits") == "opened"


def test_it_ends_with_its_page(page: Page) -> None:
    def has_happened(event: str) -> bool:
        return event in page.invoke("what_happened")

    pyfunc(page, 'window.last = pyfunc("last", text("it"))')
    # WebKit would send once more what has not come yet.
    wait_for(lambda: has_happened("it begins"), what="the begin of the call")
    page.reload()
    wait_for(lambda: has_happened("it ends"), what="the end of the call")
    assert pyfunc(page, 'return await pyfunc("nothing")') is None


def test_its_author_is_told_once(page: Page, app: App) -> None:
    pyfunc(page, 'return await pyfunc("nothing")')
    output = app.wait_output("tauri-plugin-transom-api/pytauri")
    assert output.count("tauri-plugin-transom-api/pytauri") == 1


def test_the_app_starts_without_plugins_that_there_are_not(app: App) -> None:
    output = app.wait_output("ready")
    [line] = [it for it in output.splitlines() if "nobody:default" in it]
    assert "`nobody:default` in `capabilities/main.json`" in line
    assert "`nowhere:allow-x` in `capabilities/others.json`" in line
    assert output.count("`pytauri:default` as `transom:default`") == 1
    assert "an icon" not in output


def test_the_resources_are_in_the_folder_of_the_app(page: Page) -> None:
    found, folder = page.invoke("resources")
    assert found == folder


def test_a_call_writes_nothing_through_the_root_logger(page: Page) -> None:
    for _ in range(20):
        page.invoke("nothing")
    assert page.invoke("debug_lines") == []


class Elsewhere(BaseHTTPRequestHandler):
    """A server with one page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>made at run time</title>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_app_whose_frontend_is_missing_shows_other_pages(
    start_app: StartApp, elsewhere: str
) -> None:
    config = {
        "build": {"frontendDist": "not-built"},
        "app": {"windows": [{"label": "main", "url": elsewhere}]},
    }
    app = start_app("moved", config=config)
    assert "there is no folder" in app.wait_output("ready")
    app.driver.switch(wait_for(app.driver.handles, what="a window")[0])
    shown = "return document.title === 'made at run time'"
    wait_for(lambda: app.driver.execute(shown), what="the page")
