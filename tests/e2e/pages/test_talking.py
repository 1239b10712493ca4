"""Tests what Python sends to a page: channels, events, eval, and calls of exposed functions."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from harness import App, Page, StartApp
from patience import tried_again

from transom.testing.webdriver import wait_for

LISTEN = """
window.got = window.got ?? {};
window.got[args[0]] = [];
await window.__TAURI__.event.listen(args[0], (e) => window.got[args[0]].push(e.payload),
  {target: {kind: "WebviewWindow", label: args[1]}});
"""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    app = start_shared("talking")
    app.page().invoke("open_window", "second")
    app.page("second")
    return app


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


IN_EVERY_EXECUTOR = [
    "stream",
    "stream_on_the_loop",
    "stream_in_thread",
    "stream_in_process",
    "stream_on_the_loop_of_a_process",
]


@pytest.mark.parametrize("command", IN_EVERY_EXECUTOR)
def test_a_channel_keeps_the_order_of_json_and_bytes(page: Page, command: str) -> None:
    got = page.run(
        """
        const {Channel} = window.__TAURI__.core;
        const got = [];
        const all = new Promise((resolve) => {
          const channel = new Channel();
          channel.onmessage = (m) => {
            if (m instanceof ArrayBuffer) {
              got.push(new DataView(m).getUint16(0));
            } else {
              got.push(m.n);
            }
            if (got.length === 1000) resolve();
          };
          transom.pyInvoke(args[0], {channel, count: 1000});
        });
        await all;
        return got;
        """,
        command,
    )
    assert got == list(range(1000))


COLLECT = """
    const {Channel} = window.__TAURI__.core;
    const got = [];
    const channel = new Channel((m) => got.push(m.n));
    const calls = args.map((command) => () => transom.pyInvoke(command, {channel, count: 6}));
    for (const call of calls) await call().catch((error) => got.push(error.code, error.message));
    while (got.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    return got;
"""


@pytest.mark.parametrize(
    "command", ["channel_each_time", "channel_each_time_in_worker", "channel_thrice"]
)
def test_a_channel_that_is_opened_again_goes_on(page: Page, command: str) -> None:
    assert page.run(COLLECT, command) == list(range(6))


def test_a_channel_that_has_ended_with_its_call_is_an_error(page: Page) -> None:
    *got, code, message = page.run(COLLECT, "channel_each_time", "channel_each_time")
    assert (got, code) == (list(range(6)), "command-error")
    assert "this channel has ended" in message


@tried_again
def test_a_worker_waits_for_a_page_that_does_not_take_its_messages(app: App, page: Page) -> None:
    seen: list[int] = []
    over = threading.Event()
    (app.folder / "flood.txt").unlink(missing_ok=True)

    def look() -> None:
        sent = app.folder / "flood.txt"
        while not over.wait(0.02):
            seen.append(int(sent.read_text() or "0") if sent.exists() else 0)

    looking = threading.Thread(target=look)
    looking.start()
    before, all_of_them = page.run(
        """
        const {Channel} = window.__TAURI__.core;
        const got = [];
        const channel = new Channel();
        let all;
        const first = new Promise((resolve) => {
          channel.onmessage = (m) => { got.push(m.n); resolve(); };
        });
        const call = transom.pyInvoke("flood", {channel, count: 5000});
        await first;
        const before = got.length;
        const end = performance.now() + 2000;
        while (performance.now() < end);
        await call;
        while (got.length < 5000) await new Promise((resolve) => setTimeout(resolve, 10));
        return [before, got];
        """
    )
    over.set()
    looking.join()
    assert all_of_them == list(range(5000))
    stood, times = Counter(n for n in seen if 0 < n < 5000).most_common(1)[0]
    assert times > 5, "it stood still while the page was busy"
    assert stood <= before + 1024


@pytest.mark.parametrize("command", ["until_closed", "until_closed_in_process"])
def test_a_channel_of_a_window_that_is_gone_says_so(app: App, page: Page, command: str) -> None:
    page.invoke("open_window", command)
    other = app.page(command)
    other.run(
        """
        const {Channel} = window.__TAURI__.core;
        await new Promise((resolve) => {
          transom.pyInvoke(args[0], {channel: new Channel(resolve), count: 0});
        });
        """,
        command,
    )
    page.invoke("close_window", command)
    told = app.folder / f"{command}.txt"
    wait_for(told.exists, what="WindowClosed in the command")
    assert command in told.read_text()


def test_a_channel_may_be_the_body_itself(page: Page) -> None:
    got = page.run(
        """
        const {Channel} = window.__TAURI__.core;
        return await new Promise((resolve, reject) => {
          transom.pyInvoke("channel_alone", new Channel(resolve)).catch(reject);
        });
        """
    )
    assert got == "as text"


def test_a_text_that_is_no_channel_is_an_invalid_argument(page: Page) -> None:
    error = page.failure("channel_alone", "not a channel")
    assert error.code == "invalid-argument"


def test_events_reach_every_window_in_order(app: App, page: Page) -> None:
    pages = [page, app.page("second")]
    for each in pages:
        each.run(LISTEN, "to-all", each.label)
    page.invoke("emit", "to-all")
    for each in pages:
        each.wait_until("window.got['to-all'].length === 2")
        assert each.run("return window.got['to-all']") == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(("command", "n"), [("emit_to", 3), ("emit_filter", 4)])
def test_events_can_be_for_one_window(app: App, page: Page, command: str, n: int) -> None:
    second = app.page("second")
    for each in (page, second):
        each.run(LISTEN, command, each.label)
    page.invoke(command, ["second", command])
    second.wait_until(f"window.got['{command}'].length === 1")
    assert second.run("return window.got[args[0]]", command) == [{"n": n}]
    assert page.run("return window.got[args[0]]", command) == []


def test_a_filter_that_nobody_awaits_is_refused(page: Page) -> None:
    said = page.invoke("emit_to_whom_nobody_asks", "for-nobody")
    assert said.startswith("the filter is an `async def`, which nobody would await")


def test_python_listens_sync_and_async_and_contains_failures(app: App, page: Page) -> None:
    page.invoke("listen", "from-page")
    emit = "await window.__TAURI__.event.emit('from-page', {n: args[0]})"
    page.run(emit, 1)
    first = {'sync {"n":1}', "async 1", 'once {"n":1}'}
    wait_for(lambda: first <= set(page.invoke("heard")), what="three listeners")
    page.run(emit, 2)
    wait_for(lambda: {'sync {"n":2}', "async 2"} <= set(page.invoke("heard")), what="two listeners")
    assert 'once {"n":2}' not in page.invoke("heard")
    page.invoke("unlisten", "from-page")
    page.run(emit, 3)
    wait_for(lambda: "async 3" in page.invoke("heard"), what="the listener that is left")
    assert 'sync {"n":3}' not in page.invoke("heard")
    app.wait_output("this listener always fails")


def test_events_with_types_go_both_ways(app: App, page: Page) -> None:
    second = app.page("second")
    for each in (page, second):
        each.run(LISTEN, "typed:ticked", each.label)
    page.invoke("emit_typed")
    page.invoke("emit_typed_in_process")
    page.wait_until("window.got['typed:ticked'].length === 4")
    got = "return window.got['typed:ticked'].map((tick) => tick.n)"
    assert page.run(got) == [1, 2, 3, 4]
    assert second.run(got) == [1]

    page.invoke("listen_typed")
    send = "for (const it of args[0]) await window.__TAURI__.event.emit('typed:sent', it)"
    page.run(send, [[{"n": 1}], [{"n": "none"}], []])
    wanted = {f"{how} {what}" for how in ("sync", "async") for what in ("[Tick(n=1)]", "[]")}
    wait_for(lambda: wanted <= set(page.invoke("heard")), what="the events that fit")
    assert [it for it in page.invoke("heard") if it.startswith("once [")] == ["once [Tick(n=1)]"]
    app.wait_output("the event `typed:sent` came with what is none")


@pytest.mark.parametrize("command", ["choose", "choose_in_thread"])
def test_functions_of_a_page_are_called_as_they_are_declared(page: Page, command: str) -> None:
    expose = """
    transom.expose("choose", ({ text, choices }) => {
      window.asked = text;
      return text === "odd" ? "none" : choices.length;
    });
    """
    page.run(expose)
    assert page.invoke(command, "really?") == 2
    assert page.run("return window.asked") == "really?"
    with pytest.raises(Exception, match="`choose` gave what is none"):
        page.invoke(command, "odd")


def test_eval_runs_in_the_page(page: Page) -> None:
    page.invoke("evaluate", "window.evaluated = 1 + 1")
    page.wait_until("window.evaluated === 2")


def test_eval_of_nonsense_harms_nothing(page: Page) -> None:
    page.invoke("evaluate", "this is no script")
    page.invoke("evaluate", "window.still = 'here'")
    page.wait_until("window.still === 'here'")


def test_python_calls_an_exposed_function(page: Page) -> None:
    page.run("transom.expose('add', async ([a, b]) => a + b)")
    assert page.invoke("ask", ["add", [20, 22]]) == 42


def test_an_error_of_an_exposed_function_reaches_python(page: Page) -> None:
    page.run("transom.expose('fail', () => { throw new RangeError('out of it'); })")
    error = page.failure("ask", ["fail", None])
    assert error.code == "command-error"
    assert "out of it" in error.message


def test_a_function_that_is_not_exposed_is_an_error(page: Page) -> None:
    error = page.failure("ask", ["nobody", None])
    assert error.code == "command-error"
    assert "nobody" in error.message


def test_a_page_that_does_not_answer_is_not_waited_for(page: Page) -> None:
    page.run("transom.expose('silent', () => new Promise(() => {}))")
    assert page.invoke("ask_briefly", "silent").startswith("TimeoutError")


def test_python_does_not_wait_for_a_page_that_has_gone(page: Page) -> None:
    page.run("transom.expose('silent', () => new Promise(() => {}))")
    page.run("transom.pyInvoke('ask', ['silent', null]).catch(() => {})")
    wait_for(lambda: page.invoke("asking") == 1, what="the pending call")
    page.reload()
    wait_for(lambda: page.invoke("asking") == 0, what="the end of the call")
