"""Tests that values keep their meaning in every transport, or are refused with a reason."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from harness import App, Page, StartApp

from transom.testing.webdriver import wait_for

WORDS = {"nan": "ser_json_inf_nan", "infinity": "ser_json_inf_nan", "large": "2**53"}


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("values")


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def portal(request: pytest.FixtureRequest, start_shared: StartApp) -> Page:
    return start_shared("values", env={"PORTAL": request.param}).page()


PLAIN = ["result", "result_in_thread", "result_in_process", "result_in_thread_in_process"]
STREAMS = ["items", "items_in_thread", "items_in_process", "items_in_thread_in_process"]


@pytest.mark.parametrize("command", PLAIN)
def test_a_result_that_no_page_could_read_is_the_commands_error(
    app: App, page: Page, command: str
) -> None:
    for name, word in WORDS.items():
        error = page.failure(command, name)
        assert error.code == "result-not-serializable"
        assert error.details["started"] is True
        assert word in error.message
    app.wait_output(f"command `{command}`, called by window `main`, raised")


@pytest.mark.parametrize("command", STREAMS)
def test_an_item_that_no_page_could_read_costs_none_before_it(page: Page, command: str) -> None:
    for name, word in WORDS.items():
        items, error = page.run(
            """
            const items = [];
            try {
              for await (const item of transom.pyStream(args[0], args[1])) items.push(item.value);
            } catch (error) {
              return [items, error];
            }
            return [items, null];
            """,
            command,
            name,
        )
        assert items == [1]
        assert error.code == "result-not-serializable"
        assert word in error.message


@pytest.mark.parametrize("command", ["by_channel", "by_channel_in_process"])
def test_a_message_that_no_page_could_read_is_refused(page: Page, command: str) -> None:
    for name, word in WORDS.items():
        told, got = page.run(
            """
            const {Channel} = window.__TAURI__.core;
            const got = [];
            const channel = new Channel((message) => got.push(message.value));
            const told = await transom.pyInvoke(args[0], {name: args[1], channel});
            while (got.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
            return [told, got];
            """,
            command,
            name,
        )
        assert word in told
        assert got == ["after"]


@pytest.mark.parametrize("command", ["by_event", "by_event_in_process", "by_emitter"])
def test_an_event_that_no_page_could_read_is_refused(page: Page, command: str) -> None:
    for name, word in WORDS.items():
        told, got = page.run(
            """
            const got = [];
            const {listen} = window.__TAURI__.event;
            const unlisten = await listen("told", (e) => got.push(e.payload.value));
            const told = await transom.pyInvoke(args[0], args[1]);
            while (got.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
            unlisten();
            return [told, got];
            """,
            command,
            name,
        )
        assert word in told
        assert got == ["after"]


def test_a_script_brings_every_json_as_it_is(page: Page) -> None:
    """What a script would take for a prototype, and what is too deep for it. A lost message would
    also hold up all later ones of its channel."""
    texts = [
        '{"__proto__":{"admin":true},"a":1}',
        r'{"\u005f_proto__":null,"a":"\"\\\u2028"}',
        '{"__proto__":1,"__proto__":2}',
        "[" * 4000 + "]" * 4000,
        '"end"',
    ]
    got = page.run(
        """
        const {core: {Channel}, event: {listen}} = window.__TAURI__;
        const depth = (it) => {
          let n = 0;
          for (; Array.isArray(it); it = it[0]) n += 1;
          return n;
        };
        const seen = (it) => depth(it) || JSON.stringify(it);
        const got = [[], []];
        const unlisten = await listen("told", (e) => got[0].push(seen(e.payload)));
        const channel = new Channel((message) => got[1].push(seen(message)));
        await transom.pyInvoke("send_texts", {texts: args[0], channel});
        while (got[0].length < 10 || got[1].length < 5) await new Promise((r) => setTimeout(r, 5));
        unlisten();
        return got;
        """,
        texts,
    )
    # A page reads the last of two values, and writes what it has in its own way.
    second = '{"__proto__":null,"a":"\\"\\\\\u2028"}'
    own = [texts[0], second, '{"__proto__":2}', 4000, '"end"']
    assert got[1] == own
    assert got[0] == [it for it in own for _ in range(2)]


def test_an_argument_that_no_page_could_read_is_refused(page: Page) -> None:
    for name, word in WORDS.items():
        assert word in page.invoke("as_argument", name)


def test_numbers_of_javascript_come_back_as_they_went(page: Page) -> None:
    assert page.run(
        """
        const large = [2 ** 53, -(2 ** 60), 1e20, 123456789012345678901, 1e300];
        const numbers = [...large, 5e-324, -0.1, 0.1 + 0.2];
        const back = await transom.pyInvoke("echo", numbers);
        return numbers.every((it, i) => Object.is(it, back[i]));
        """
    )


# What an exposed function gives: its source, and what Python gets.
GIVEN = {
    "half a character": (r"() => '\ud800'", "\ud800"),
    "half a character as a key": (r"() => ({'\udfff': [1]})", {"\udfff": [1]}),
    "keys in order": ("() => ({b: {z: 1, y: 2}, a: 3})", {"b": {"z": 1, "y": 2}, "a": 3}),
    "a float": ("() => 31.245270191439438", 31.245270191439438),
    "the largest integer": ("() => -(2 ** 53)", -(2**53)),
    "nothing": ("() => {}", None),
}


@pytest.mark.parametrize("command", ["ask", "ask_blocking"])
def test_what_an_exposed_function_gives_arrives_as_it_is(page: Page, command: str) -> None:
    for source, expected in GIVEN.values():
        page.run(f"transom.expose('f', {source})")
        got = json.loads(page.invoke(command, ["f", 60]))
        assert got == expected
        assert json.dumps(got) == json.dumps(expected)  # in this order


def test_a_value_that_is_nested_deep_arrives(page: Page) -> None:
    for depth in (100, 126, 127, 128, 500):
        page.run(
            "const [depth] = args; transom.expose('f', () => {"
            " let it = 1; for (let i = 0; i < depth; i++) it = i % 2 ? [it] : {it}; return it; })",
            depth,
        )
        got = json.loads(page.invoke("ask", ["f", 60]))
        for i in reversed(range(depth)):
            got = got[0] if i % 2 else got["it"]
        assert got == 1


THROWN: dict[str, tuple[str, str]] = {
    "half a character": (r"() => { throw new Error('\ud800'); }", r"PageError: Error: \ud800"),
    "a name that is half a character": (
        r"() => { throw Object.assign(new Error('x'), {name: '\ud800'}); }",
        r"PageError: \ud800: x",
    ),
    "what cannot be described": (
        "() => { const {proxy, revoke} = Proxy.revocable({}, {}); revoke(); throw proxy; }",
        "PageError: Error",
    ),
    "a depth that Python does not read": (
        "() => { let it = 1; for (let i = 0; i < 5000; i++) it = [it]; return it; }",
        # From 3.14 it reads as deep as its stack goes.
        "PageError: " if sys.version_info < (3, 14) else "[[",
    ),
    "a Map": ("() => new Map([[1, 2]])", "PageError: TypeError"),
    "a Set in a list": ("() => [new Set([1])]", "PageError: TypeError"),
    "a BigInt": ("() => 1n", "PageError: TypeError"),
    "a BigInt in an object": ("() => ({n: 1n})", "PageError: TypeError"),
    "a function": ("() => () => 1", "PageError: TypeError"),
    "a cycle": ("() => { const it = {}; it.it = it; return it; }", "PageError: TypeError"),
    "bytes": ("() => new Uint8Array([1])", "PageError: TypeError"),
    "bytes in an object": ("() => ({bytes: new Float32Array([1])})", "PageError: TypeError"),
    "a promise in a list": ("() => [Promise.resolve(1)]", "PageError: TypeError"),
}


def test_what_python_cannot_get_of_a_page_is_an_error_at_once(page: Page) -> None:
    for what, (source, expected) in THROWN.items():
        page.run(f"transom.expose('f', {source})")
        told = page.invoke("ask", ["f", 600], timeout=60_000).strip("'\"")
        assert told.startswith(expected), what


def test_an_event_of_the_page_arrives_as_it_is(page: Page) -> None:
    payload = '{"b":{"z":1,"y":[2]},"a":31.245270191439438,"9":9007199254740991}'
    page.invoke("listen")
    page.run("await window.__TAURI__.event.emit('from-page', JSON.parse(args[0]))", payload)
    wait_for(lambda: page.invoke("heard"), what="the event")
    [heard] = page.invoke("heard")
    in_order = page.run("return JSON.stringify(JSON.parse(args[0]))", payload)
    assert json.dumps(json.loads(heard)) == json.dumps(json.loads(in_order))


def test_the_details_of_an_error_keep_their_order(page: Page) -> None:
    body = {"b": 1, "a": {"z": 2, "y": 3}}
    error = page.failure("by_emitter", body)
    assert error.code == "invalid-argument"
    assert json.dumps(error.details["issues"][0]["input"]) == json.dumps(body)


def test_what_no_window_can_take_is_a_value_error(app: App, page: Page) -> None:
    page.run("window.ran = 0")
    assert page.invoke("give_to_windows") == {}
    assert page.run("return window.ran") == 0
    # The window system sets a title some time after it was asked to.
    wait_for(lambda: page.invoke("what_windows_take") == "Größe", what="the title")
    with pytest.raises(TimeoutError):
        app.page("never", timeout=0.1)


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_call_of_the_page_may_be_awaited_on_any_loop(portal: Page, library: str) -> None:
    portal.run("transom.expose('f', (it) => it + 'b'); transom.expose('fail', () => { throw 1; })")
    portal.run("transom.expose('silent', () => new Promise(() => {}))")

    def ask(name: str, timeout: float) -> Any:
        return portal.invoke("ask_elsewhere", [name, timeout, library], timeout=60_000)

    assert ask("f", 600) == '"ab"'
    assert ask("fail", 600) == "'PageError: Error: 1'"
    assert ask("silent", 0.1).startswith("'TimeoutError")


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_call_on_another_loop_ends_with_its_page(portal: Page, library: str) -> None:
    portal.run("transom.expose('silent', () => new Promise(() => {}))")
    portal.run(
        "transom.pyInvoke('ask_elsewhere', ['silent', 600, args[0]]).catch(() => {})", library
    )
    running = "return (await transom.pyInvoke('asking_elsewhere'))"
    wait_for(lambda: portal.run(running) == 1, what="the pending call")
    portal.reload()
    wait_for(lambda: portal.run(running) == 0, what="the end of the call")
