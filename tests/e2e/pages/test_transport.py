"""Tests the transports: Tauri's fetch, its fallback without fetch, and malformed frames."""

from __future__ import annotations

import json

import pytest
from harness import NO_FETCH, Page, PageError, StartApp

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'"
WITH_IPC = f"{POLICY}; connect-src 'self' ipc: http://ipc.localhost"


@pytest.fixture(scope="module", params=["fetch", "no fetch", "fetch forbidden by policy"])
def page(start_shared: StartApp, request: pytest.FixtureRequest) -> Page:
    policy = POLICY if "policy" in request.param else None
    page = start_shared("tiny", config={"app": {"security": {"csp": policy}}}).page()
    if request.param == "no fetch":
        page.run(NO_FETCH)
    return page


@pytest.mark.parametrize("value", [None, 0, "naïve ☃", [1, "two", {"three": None}]])
def test_json_crosses(page: Page, value: object) -> None:
    assert page.invoke("echo", value) == value


@pytest.mark.parametrize("size", [0, 1, 5000])
def test_bytes_cross(page: Page, size: int) -> None:
    body = bytes(i % 256 for i in range(size))
    assert page.invoke("flip", body) == body[::-1]


@pytest.mark.parametrize("form", ["{'x-a': 'b'}", "[['x-a', 'b']]", "new Headers({'x-a': 'b'})"])
def test_headers_cross(page: Page, form: str) -> None:
    source = f"return await transom.pyInvoke('header', 'x-a', {{headers: {form}}})"
    assert page.run(source) == ["b"]


def test_headers_of_one_name_are_one_pair_and_arrive_as_utf_8(page: Page) -> None:
    headers = "[['x-a', '1'], ['x-b', '-'], ['X-A', ' ü ']]"
    source = f"return await transom.pyInvoke('header', 'x-a', {{headers: {headers}}})"
    assert page.run(source) == ["1, ü"]


def test_each_call_runs_once(page: Page) -> None:
    got = page.run(
        "const names = [...Array(50).keys()].map(String);"
        "return await Promise.all(names.map((name) => transom.pyInvoke('once', name)))"
    )
    assert got == [1] * 50


def test_the_fall_back_begins_at_the_first_fetch_that_fails(start_app: StartApp) -> None:
    page = start_app("tiny").page()
    got = page.run(
        """
        const real = window.fetch;
        let fetches = 0;
        window.fetch = (...rest) => {
          fetches += 1;
          return fetches === 1 ? Promise.reject(new TypeError("cut")) : real(...rest);
        };
        const first = await transom.pyInvoke("once", "cut");
        return [first, await transom.pyInvoke("once", "cut"), fetches];
        """
    )
    assert got == [1, 2, 1]


def test_a_policy_in_the_configuration_is_enforced_and_calls_work(start_app: StartApp) -> None:
    html = (
        "<!doctype html><meta charset=utf-8><title>policy</title>"
        "<script>window.inlined = true</script><script src='/own.js'></script>"
    )
    config = {"app": {"security": {"csp": WITH_IPC}}}
    app = start_app("tiny", config=config, html=html, files={"frontend/own.js": "window.own = 1"})
    page = app.page()
    assert page.invoke("echo", "hello") == "hello"
    assert page.run("return [window.inlined, window.own]") == [True, 1]
    injected = """
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.head.append(script);
    return window.injected ?? false;
    """
    assert page.run(injected) is False


EPOCH = "0123456789abcdef" * 2


def call(page: Page, head: object, body: bytes = b"1") -> PageError:
    """Sends a call's frame past the client; `head` is what its header says."""
    source = """
    const {invoke} = window.__TAURI_INTERNALS__;
    const headers = args[0] === null ? {} : {transom: args[0]};
    const sent = invoke("plugin:transom|call", args[1], {headers});
    return await sent.then(() => "answered", (e) => [e?.code, e?.message ?? String(e), e?.details]);
    """
    text = head if isinstance(head, str) or head is None else json.dumps(head)
    got = page.run(source, text, body)
    assert got != "answered"
    return PageError(got[1], code=got[0], details=got[2])


@pytest.fixture(scope="module")
def plain(start_shared: StartApp) -> Page:
    page = start_shared("tiny").page()
    page.invoke("echo", 1)
    return page


@pytest.mark.parametrize(
    "head",
    [
        None,
        "",
        "no json",
        "{}",
        "[]",
        {"e": EPOCH, "i": 1},
        {"e": EPOCH, "i": -1, "c": "echo", "b": "json"},
        {"e": EPOCH, "i": 2**70, "c": "echo", "b": "json"},
        {"e": "short", "i": 1, "c": "echo", "b": "json"},
        {"e": EPOCH, "i": 1, "c": "echo", "b": "sideways"},
        {"e": EPOCH, "i": 1, "c": "", "b": "json"},
        {"e": EPOCH, "i": 1, "c": "x" * 257, "b": "json"},
        {"e": EPOCH, "i": 1, "c": "echo", "b": "json"},
        {"e": EPOCH, "i": 1, "c": "echo", "b": "json", "pad": "x" * 9000},
    ],
    ids=lambda head: json.dumps(head)[:60],
)
def test_a_malformed_or_foreign_frame_is_a_protocol_error(plain: Page, head: object) -> None:
    error = call(plain, head)
    assert (error.code, error.details) == ("protocol-error", {"started": False})
    assert plain.invoke("echo", "still here") == "still here"


@pytest.mark.parametrize(
    "frame",
    [
        None,
        "text",
        {},
        {"op": "unheard of", "epoch": EPOCH},
        {"op": "cancel", "epoch": EPOCH, "id": 1},
        {"op": "reply", "epoch": EPOCH, "call": 1, "ok": True, "json": "1"},
        {"op": "hello", "epoch": "not hexadecimal", "version": 1},
        {"op": "hello", "epoch": EPOCH, "version": 999},
    ],
    ids=lambda frame: json.dumps(frame)[:60],
)
def test_a_wrong_control_frame_is_an_error_and_harms_nothing(plain: Page, frame: object) -> None:
    source = """
    const sent = window.__TAURI_INTERNALS__.invoke("plugin:transom|control", {frame: args[0]});
    return await sent.then(() => "answered", (e) => e?.code ?? String(e));
    """
    assert plain.run(source, frame) == "protocol-error"
    assert plain.invoke("echo", "still here") == "still here"


def test_a_body_over_the_limit_is_too_large(start_app: StartApp) -> None:
    app = start_app(LIMITED)
    page = app.page()
    assert page.invoke("size", b"x" * 1024) == 1024
    error = page.failure("size", b"x" * 1025)
    assert error.code == "payload-too-large"
    assert error.details["started"] is False


LIMITED = """
import sys
from pathlib import Path
from anyio.from_thread import start_blocking_portal
from transom import Commands, Limits, builder_factory, context_factory

commands = Commands()


@commands.command()
async def size(body: bytes) -> int:
    return len(body)


if __name__ == "__main__":
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent),
            invoke_handler=commands.generate_handler(portal, limits=Limits(max_body=1024)),
        )
        sys.exit(app.run_return())
"""
