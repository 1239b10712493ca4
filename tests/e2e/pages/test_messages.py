"""Tests calls by script messages: small ones need no request, and none evades Tauri's checks."""

from __future__ import annotations

import json
import sys

import pytest
from harness import COUNT_REQUESTS, App, Page, StartApp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only WebKitGTK carries them")

APP = """
import asyncio, sys
from pathlib import Path
from typing import Any
import transom
from transom import Commands, Serial

commands = Commands()
ended: list[str] = []
notes: list[int] = []

@commands.command()
async def echo(body: Any) -> Any:
    return body

@commands.command()
async def flip(body: list[int]) -> bytes:
    return bytes(body)[::-1]

@commands.command()
async def name(body: str, headers: list[tuple[bytes, bytes]]) -> str:
    return dict(headers).get(body.encode(), b"").decode()

@commands.command()
async def wait(body: int) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(f"wait {body}")

@commands.command()
async def what_ended() -> list[str]:
    return ended

@commands.command(queue=Serial("app"))
async def note(body: list[int]) -> None:
    notes.append(body[0])

@commands.command()
async def what_was_noted() -> list[int]:
    return notes

if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared(APP)


@pytest.fixture
def page(app: App) -> Page:
    page = app.page()
    page.reload()
    page.invoke("echo", 0)
    page.run(COUNT_REQUESTS)
    return page


def requests(page: Page) -> object:
    return page.run("return window.requests")


@pytest.mark.parametrize(
    "value", [None, 0, "naïve ☃ \n\0\u2028", [1, {"two": "😀"}], "☃" * 130_000], ids=range(5)
)
def test_small_calls_need_no_request(page: Page, value: object) -> None:
    assert page.invoke("echo", value) == value
    assert requests(page) == 0


def test_large_calls_are_requests_and_large_answers_are_whole(page: Page) -> None:
    text = "ü" * 300_000
    assert page.invoke("echo", text) == text
    assert requests(page) == 1


def test_a_command_that_needs_a_request_gets_one(page: Page) -> None:
    for n in (1, 2, 3):
        assert page.invoke("flip", [n, 2]) == bytes([2, n])
        assert requests(page) == n
    assert page.invoke("name", "content-type") == "application/octet-stream"


def test_errors_are_those_of_requests(page: Page) -> None:
    by_message = page.failure("note", "no list")
    assert requests(page) == 0
    by_request = page.failure("note", "no list", headers={"x-a": "b"})
    assert requests(page) == 1
    assert by_message.__dict__ == by_request.__dict__
    assert by_message.code == "invalid-argument"
    assert page.failure("nope", 1).code == "unknown-command"


def test_an_abort_stops_the_code(page: Page) -> None:
    page.run(
        """
        const abort = new AbortController();
        const call = transom.pyInvoke("wait", 7, {signal: abort.signal});
        await transom.pyInvoke("echo", 1);
        abort.abort();
        await call.catch(() => {});
        return await call.released;
        """
    )
    assert "wait 7" in page.invoke("what_ended")
    assert requests(page) == 0


def test_a_reload_ends_the_calls(page: Page) -> None:
    page.run("transom.pyInvoke('wait', 8).catch(() => {}); await transom.pyInvoke('echo', 1)")
    assert requests(page) == 0
    page.reload()
    page.wait_until(
        "transom_ended = window.transom_ended || false, window.__TAURI__.transom"
        ".pyInvoke('what_ended').then((all) => { transom_ended = all.includes('wait 8') }),"
        " transom_ended"
    )


def test_no_message_overtakes_a_request(page: Page) -> None:
    page.run(
        """
        const long = new Array(70_000).fill(1);
        const note = (n) => transom.pyInvoke("note", n % 7 === 3 ? [n, ...long] : [n]);
        await Promise.all(Array.from({length: 200}, (_, n) => note(n)));
        """
    )
    assert page.invoke("what_was_noted") == list(range(200))
    assert requests(page)


@pytest.mark.parametrize("sandbox", ["allow-scripts", "allow-scripts allow-same-origin"])
def test_a_frame_inside_the_page_calls_nothing(page: Page, sandbox: str) -> None:
    """It can post messages, and does not know the epoch."""
    heads = [
        {"e": "0" * 32, "i": 1, "c": "echo", "b": "json"},
        {"e": "0123456789abcdef" * 2, "i": 10**9, "c": "note", "b": "json"},
    ]
    texts = [f"c{json.dumps(head)}\n[7777]" for head in heads]
    texts += ["", "c", "c\n", "x", "x{}", "c{}\n1", "c" + "x" * 100_000]
    script = f"""
      const texts = {json.dumps(texts)};
      const port = window.webkit?.messageHandlers?.transom;
      const answer = (e) => /^[0-4]/.test(e.message) ? e.message : "refused " + e;
      const send = (text) => port ? port.postMessage(text).catch(answer) : "no port";
      Promise.all([...texts, 7, null, {{}}].map(send)).then((all) => parent.postMessage(all, "*"));
    """
    got = page.run(
        """
        const frame = document.createElement("iframe");
        frame.sandbox = args[0];
        frame.srcdoc = `<script>${args[1]}</` + `script>`;
        const told = new Promise((resolve) => {
          addEventListener("message", (event) => resolve(event.data), {once: true});
        });
        document.body.append(frame);
        return await told;
        """,
        sandbox,
        script,
    )
    assert isinstance(got, list)
    assert got
    for answer in got:
        assert answer in {"no port", "2"} or str(answer).startswith(
            ("refused", '1{"code":"protocol-error"')
        )
    assert 7777 not in page.invoke("what_was_noted")


def test_what_is_no_frame_is_refused_and_harms_nothing(page: Page) -> None:
    """Halves of pairs, zeros, and values that are no text."""
    got = page.run(
        """
        const port = window.webkit.messageHandlers.transom;
        const texts = ["c\\ud800", "\\udfff", "x\\ud83d", "c{}\\n\\ud800x", "c\\0{}", "\\0", ""];
        const values = [true, undefined, null, NaN, [1], {}, new Date(0), new Uint8Array(2)];
        const send = async (it) => port.postMessage(it);
        const answer = (e) => /^[0-4]/.test(e.message) ? e.message : "1{no";
        return await Promise.all([...texts, ...values].map((it) => send(it).catch(answer)));
        """
    )
    assert isinstance(got, list)
    assert {str(answer)[:2] for answer in got} == {"1{"}
    assert page.invoke("echo", "still here") == "still here"


def test_the_epoch_of_another_window_is_worth_nothing(start_app: StartApp) -> None:
    windows = [{"label": label, "url": "index.html"} for label in ("main", "second")]
    app = start_app(APP, config={"app": {"windows": windows}})
    first, second = app.page("main"), app.page("second")
    assert second.invoke("echo", 1) == 1
    epoch = "0123456789abcdef" * 2
    first.run(
        """
        const {invoke} = window.__TAURI_INTERNALS__;
        const [epoch, head] = args;
        const frame = {op: "hello", epoch, version: 1};
        await invoke("plugin:transom|control", {frame});
        await invoke("plugin:transom|call", new Uint8Array([49]), {headers: {transom: head}});
        """,
        epoch,
        json.dumps({"e": epoch, "i": 1, "c": "echo", "b": "json"}),
    )
    head = json.dumps({"e": epoch, "i": 2, "c": "note", "b": "json"})
    post = """
        const port = window.webkit.messageHandlers.transom;
        return await port.postMessage(args[0]).catch((answer) => answer.message);
    """
    assert second.run(post, f"c{head}\n[1]") == "2"
    assert first.run(post, f"c{head}\n[2]") == "0null"
    assert second.invoke("what_was_noted") == [2]


@pytest.mark.parametrize("env", [{"TRANSOM_MESSAGES": "0"}, {}])
def test_they_can_be_turned_off(start_app: StartApp, env: dict[str, str]) -> None:
    page = start_app(APP, env=env).page()
    assert page.invoke("echo", 0) == 0
    page.run(COUNT_REQUESTS)
    assert page.invoke("echo", 1) == 1
    assert requests(page) == (1 if env else 0)
