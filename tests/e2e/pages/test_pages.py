"""Tests that a page's calls end with the page, in each way in which a page can end."""

from __future__ import annotations

import pytest
from harness import App, Json, Page, RunApp, StartApp

from transom.testing.webdriver import wait_for

HTML = """<!doctype html><meta charset=utf-8><title>page</title><body></body><script>
const {metadata} = window.__TAURI_INTERNALS__;
__TAURI__.transom.pyInvoke("save", `now ${metadata.currentWindow.label} loaded`);
</script>"""
BEGIN = """
const [name] = args;
window.call = transom.pyInvoke("hold", name);
window.call.catch((error) => window.end = String(error.code ?? error));
const follow = async () => {
  for await (const tick of transom.pyStream("ticks")) window.tick = tick;
};
window.loop = follow();
window.loop.catch((error) => window.loopEnd = String(error.code ?? error));
"""


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def app(start_shared: StartApp, request: pytest.FixtureRequest) -> App:
    second = {"frontend/second.html": HTML.replace("<title>page", "<title>second")}
    env = {"BACKEND": request.param}
    return start_shared("lifecycle", env=env, html=HTML, files=second)


def begin(main: Page, page: Page, name: str) -> None:
    """Starts a call and a stream in `page`, and waits until their code runs."""
    streams = main.invoke("journal").count("ticks started")
    page.run(BEGIN, name)
    wait_for(lambda: f"{name} started" in main.invoke("journal"), what=name)
    wait_for(lambda: main.invoke("journal").count("ticks started") > streams, what="the stream")


def wait_ended(main: Page, name: str, seconds: float = 20.0) -> None:
    """Waits until the call and the stream of the page have ended."""

    def ended() -> bool:
        lines = main.invoke("journal")
        closed = lines.count("ticks closed") == lines.count("ticks started")
        return closed and f"{name} finally" in lines

    wait_for(ended, seconds, f"the end of {name!r} and its stream")


def held(main: Page, label: str) -> Json:
    """What the host holds of a window: `None` when there is nothing of it."""
    return main.invoke("gauges")["windows"].get(label)


NOTHING = {"live": 0, "orphans": 0, "jobs": 0}


def open_window(main: Page, label: str) -> None:
    """Opens a window and waits for its page."""
    main.invoke("open_window", label)
    wait_for(lambda: loads(main, label) == 1, what=f"the page of {label!r}")


def loads(main: Page, label: str) -> int:
    return main.invoke("journal").count(f"now {label} loaded saving")


def test_a_page_whose_process_dies_ends_and_its_window_can_be_reloaded(run_app: RunApp) -> None:
    # Without a driver: its session ends with the process of any page.
    ended = run_app("crashing")
    assert "calls end after the crash: True" in ended.output
    assert "the reloaded page calls: True" in ended.output
    assert "calls of the reloaded page end: True" in ended.output
    assert ended.code == 0


def test_calls_end_with_their_page_when_it_navigates_and_the_way_back_finds_no_reply(
    app: App,
) -> None:
    main = app.page()
    open_window(main, "walk")
    page = app.page("walk")
    begin(main, page, "left call")
    page.focus().execute("location.href = 'second.html'")
    # First: a page that goes into the cache may never answer the driver.
    wait_ended(main, "left call")
    page.wait_until("document.title === 'second'")
    wait_for(lambda: held(main, "walk") == NOTHING, 20.0, "no calls of the window")
    begin(main, page, "second call")
    page.focus().execute("history.back()")
    wait_ended(main, "second call")
    page.wait_until("document.title === 'page'")
    # The page came out of the cache, and its calls are rejected, or it is a new one.
    page.wait_until("!window.call || (window.end && window.loopEnd)")
    assert page.run("return [window.end ?? null, window.loopEnd ?? null]") in (
        [None, None],
        ["window-closed", "window-closed"],
    )
    begin(main, page, "third call")
    page.reload()
    wait_ended(main, "third call")
    main.invoke("destroy_window", "walk")
    app.wait_gone("walk")


def test_a_window_that_closes_takes_calls_and_streams_along_and_shows_its_orphans(
    app: App,
) -> None:
    main = app.page()
    open_window(main, "shut")
    page = app.page("shut")
    begin(main, page, "shut call")
    page.run('transom.pyInvoke("clean_up", "swept").catch(() => {})')
    wait_for(lambda: "clean_up started" in main.invoke("journal"), what="clean_up")
    main.invoke("destroy_window", "shut")
    orphan = {"live": 0, "orphans": 1, "jobs": 0}
    wait_for(lambda: held(main, "shut") == orphan, what="the end of its calls, but for clean-up")
    (app.folder / "swept").touch()
    wait_ended(main, "shut call")
    wait_for(lambda: held(main, "shut") is None, what="the end of the window's last call")
    assert "clean_up cleaned" in main.invoke("journal")


KEEP_EPOCH = """
const {fetch} = window;
window.fetch = (url, init) => {
  const head = new Headers(init?.headers).get("transom");
  if (head) sessionStorage.epoch = JSON.parse(head).e;
  return fetch(url, init);
};
"""
CANCEL = """
const epoch = args[0] ?? sessionStorage.epoch;
const frame = {op: "cancel", epoch, id: 1};
__TAURI_INTERNALS__.invoke("plugin:transom|control", {frame}).then(
  () => "taken", (error) => error.code).then((how) => window.answer = how);
"""


def test_a_frame_of_the_page_before_is_no_fault_and_one_of_no_page_is(app: App) -> None:
    main = app.page()
    open_window(main, "late")
    page = app.page("late")
    page.run(KEEP_EPOCH)
    begin(main, page, "late call")
    page.wait_until("sessionStorage.epoch")
    page.reload()
    wait_ended(main, "late call")
    wait_for(lambda: loads(main, "late") == 2, what="the page, once more")

    def cancel(epoch: str | None) -> tuple[Json, int, int]:
        """Sends a cancel: its answer, the counted faults, and the lines of the log about them."""
        page.run(CANCEL, epoch)
        page.wait_until("window.answer")
        answer = page.run("const {answer} = window; delete window.answer; return answer")
        faults = main.invoke("counters")["protocol-error"]
        return answer, faults, app.output().count("protocol-error")

    assert cancel(None) == ("window-closed", 0, 0)
    answer, faults, _ = cancel("f" * 32)
    assert (answer, faults) == ("protocol-error", 1)
    wait_for(lambda: "protocol-error" in app.output(), what="the fault in the log")
    main.invoke("destroy_window", "late")
    app.wait_gone("late")


@pytest.mark.parametrize("way", ["reload", "close", "abort"])
def test_calls_that_wait_for_one_that_stops_with_them_never_start(app: App, way: str) -> None:
    main = app.page()
    label = f"turns-{way}"
    open_window(main, label)
    page = app.page(label)
    page.run(
        """
        const [name] = args;
        window.abort = new AbortController();
        const {signal} = window.abort;
        for (let i = 0; i < 150; i++)
          transom.pyInvoke("in_turn", name, {signal}).catch(() => {});
        """,
        label,
    )
    waits = lambda: main.invoke("gauges")["commands"]["in_turn"]["waiting"] == 149  # noqa: E731
    wait_for(waits, what="all but one that wait")
    if way == "reload":
        page.reload()
    elif way == "abort":
        page.run("window.abort.abort()")
    else:
        main.invoke("destroy_window", label)
    if way != "close":
        wait_for(lambda: held(main, label) == NOTHING, what="no calls of the window")
        main.invoke("destroy_window", label)
    wait_for(lambda: held(main, label) is None, what="nothing of the window")
    assert main.invoke("journal").count(f"{label} started") == 1


@pytest.mark.parametrize("way", ["destroyed", "closed by itself"])
def test_a_page_without_fetch_ends_as_any_other(app: App, way: str) -> None:
    main = app.page()
    label = f"without-fetch-{way.replace(' ', '-')}"
    open_window(main, label)
    page = app.page(label)
    # Tauri then evaluates each answer in its page, which it cannot while it drops a webview.
    page.run("window.fetch = () => Promise.reject(new TypeError('no fetch in this test'))")
    page.run("transom.expose('pulled', () => {})")
    begin(main, page, label)
    if way == "destroyed":
        main.invoke("destroy_window", label)
    else:
        page.run_last("window.close()")
    wait_ended(main, label)
    wait_for(lambda: held(main, label) is None, what="nothing of the window")
    assert main.invoke("counters")["panic"] == 0


def test_a_webview_that_goes_while_its_window_stays_takes_calls_and_streams_along(app: App) -> None:
    main = app.page()
    open_window(main, "self")
    page = app.page("self")
    begin(main, page, "self call")
    page.run_last("window.close()")
    wait_ended(main, "self call")
    wait_for(lambda: held(main, "self") is None, 20.0, "nothing of the webview")
    main.invoke("destroy_window", "self")
