"""Tests callbacks whose answer a window needs at once: they never block the UI."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from harness import App, Page, RunApp, StartApp

from transom.testing.webdriver import wait_for

HTML = """<!doctype html><meta charset=utf-8><title>answers</title>
<button id=yes>yes</button>
<button id=open>open</button>
<script type="module">
window.__TAURI__.transom.expose("mayClose", () => new Promise((resolve) => {
  window.asked = (window.asked ?? 0) + 1;
  document.querySelector("#yes").onclick = () => resolve(true);
  window.no = () => resolve(false);
}));
window.ready = true;
</script>"""

counter = itertools.count(1)


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("answers", html=HTML)


@pytest.fixture
def label(app: App) -> str:
    return f"w{next(counter)}"


def opened(app: App, label: str, rules: str = "none") -> Page:
    app.page().invoke("open_window", {"label": label, "rules": rules})
    page = app.page(label)
    page.wait_until("window.ready")
    return page


def handle(app: App, label: str, handler: str) -> None:
    app.page().invoke("handle_closing", {"label": label, "handler": handler})


def seen(app: App, what: str) -> int:
    return app.page().invoke("seen").count(what)


def test_an_async_handler_asks_the_user_on_the_page(app: App, label: str) -> None:
    page = opened(app, label)
    # The page has to have spoken before it can be called.
    assert page.invoke("tick", 1) == 1
    handle(app, label, "ask")
    app.page().invoke("close", label)
    page.wait_until("window.asked === 1")
    app.page().invoke("close", label)
    assert page.invoke("tick", 2) == 2
    page.run("window.no()")
    assert page.invoke("tick", 3) == 3
    wait_for(
        lambda: app.page().invoke("close", label) or page.run("return window.asked") == 2,
        what="the second question",
    )
    page.run_last("document.querySelector('#yes').click()")
    app.wait_gone(label)


def test_a_handler_saves_what_the_page_of_a_closing_window_has(app: App, label: str) -> None:
    page = opened(app, label)
    handle(app, label, "save")
    page.run("transom.expose('draft', async () => `${args[0]}'s draft`)", label)
    app.page().invoke("close", label)
    app.wait_gone(label)
    assert seen(app, f"{label}'s draft") == 1


def test_the_page_goes_on_while_a_handler_sleeps(app: App, label: str) -> None:
    page = opened(app, label)
    handle(app, label, "sleep")
    page.run(
        """
        window.timer = setInterval(() => { window.ticks += 1; }, 20);
        const frame = () => { window.frames_ += 1; requestAnimationFrame(frame); };
        requestAnimationFrame(frame);
        """
    )
    app.page().run("await transom.pyInvoke('close', args[0])", label)
    wait_for(lambda: seen(app, "asleep") == 1, what="the handler")
    page.run("window.ticks = 0; window.frames_ = 0")
    page.wait_until("window.ticks > 50 && window.frames_ > 10")
    assert page.invoke("tick", 1) == 1
    assert seen(app, "awake") == 0
    app.page().invoke("let_go")
    wait_for(lambda: seen(app, "awake") == 1, what="the end of the handler")
    assert page.invoke("tick", 1) == 1


def test_an_async_handler_is_asked_whatever_a_plain_one_is_doing(app: App, label: str) -> None:
    page = opened(app, label)
    handle(app, label, "keep later")
    kept = seen(app, "kept")
    app.page().invoke("hold_up")
    wait_for(lambda: seen(app, "held up") == 1, what="the plain handler")
    app.page().invoke("close", label)
    wait_for(lambda: seen(app, "kept") == kept + 1, what="the async handler")
    app.page().invoke("let_go")
    assert page.invoke("tick", 1) == 1


def test_a_close_can_be_prevented_though_python_listens_to_it_too(app: App, label: str) -> None:
    page = opened(app, label)
    app.page().invoke("listen_to_closing", label)
    handle(app, label, "keep")
    page.run(
        "window.closings = 0;"
        "await window.__TAURI__.event.listen('tauri://close-requested', () => window.closings++)"
    )
    kept, heard = seen(app, "kept"), seen(app, "heard")
    app.page().invoke("close", label)
    wait_for(lambda: (seen(app, "kept"), seen(app, "heard")) == (kept + 1, heard + 1), what="both")
    page.wait_until("window.closings > 0")
    assert page.invoke("tick", 1) == 1
    assert page.run("return window.closings") == 1
    assert seen(app, "heard") == heard + 1


@pytest.mark.parametrize("handler", ["fail", "fail later"])
def test_a_handler_that_fails_lets_the_window_close(app: App, label: str, handler: str) -> None:
    opened(app, label)
    handle(app, label, handler)
    app.page().invoke("close", label)
    app.wait_gone(label)
    assert app.page().invoke("tick", 1) == 1
    assert "a handler must not end the app" in app.output()


def opens(page: Page, url: str) -> bool:
    """Whether the page may open a window."""
    page.run(
        """
        window.opened = null;
        document.querySelector("#open").onclick = () => {
          const opened = window.open(args[0]);
          window.opened = [opened !== null];
          opened?.close();
        };
        """,
        url,
    )
    page.driver.find("#open").click()
    (is_open,) = page.wait_until("window.opened")
    return is_open


def test_new_windows_by_rule_and_by_callback(app: App, label: str) -> None:
    by_rule = opened(app, label, "globs")
    assert opens(by_rule, "https://docs.invalid/a")
    assert not opens(by_rule, "https://elsewhere.invalid/a")
    by_name = opened(app, f"{label}-2", "by name")
    # A callback has 100 ms to answer, which on a busy machine may be over before.
    wait_for(lambda: opens(by_name, "https://elsewhere.invalid/yes"), what="the answer in time")
    assert not opens(by_name, "https://elsewhere.invalid/no")


@pytest.mark.parametrize("rules", ["slow", "slow later", "raising"])
def test_no_answer_in_time_is_a_denial(app: App, label: str, rules: str) -> None:
    page = opened(app, label, rules)
    app.page().invoke("let_go")
    asked = seen(app, "slow") + seen(app, "raising")
    # The callback would wait for ten minutes: nobody waits for it.
    assert not opens(page, "https://a.invalid/")
    if rules != "slow later":
        wait_for(lambda: seen(app, "slow") + seen(app, "raising") > asked, what="the callback")
    assert page.invoke("tick", 1) == 1
    app.page().invoke("let_go")


def test_navigation_by_rule(app: App, label: str) -> None:
    page = opened(app, label, "globs")
    before = page.run("return location.href")
    page.run("location.href = 'https://elsewhere.invalid/'")
    assert page.invoke("tick", 1) == 1
    assert page.run("return location.href") == before


DOWNLOADS = """
import os, sys, threading, time
from pathlib import Path
import transom
from transom import Commands, WebviewUrl
from transom.webview import WebviewWindowBuilder

HERE = Path(__file__).parent
PLACE = Path(os.environ["PLACE"])
commands, loaded, answered, windows = Commands(), threading.Event(), [], []


@commands.command()
async def here() -> None:
    loaded.set()


def choose(url, path):
    print("asked", url, path.parent.is_absolute())
    if "late" in url:
        windows[0].title()  # of the UI thread, which waits for no answer any more
    answered.append(url)
    return {"yes": HERE / "kept.txt", "late": True, "odd": "relative"}.get(url.split(",")[1], False)


def set_up(app):
    window = WebviewWindowBuilder.build(
        app, "w", WebviewUrl.App("index.html"),
        on_download=choose, allow_download=["data:text/rule,*"],
    )
    windows.append(window)

    def has_come(link):
        try:
            if link == "rule,named":
                return [file.read_text() for file in PLACE.iterdir()] == ["named"]
            saved = link != "a,yes" or (HERE / "kept.txt").read_text() == "yes"
        except OSError:  # it comes, or gets its name
            return False
        return saved and any(url.endswith(link) for url in answered)

    def click():
        loaded.wait()
        for link in ("a,no", "a,late", "a,odd", "a,yes", "rule,named"):
            window.eval(f"link.href = 'data:text/{link}'; link.click()")
            while not has_come(link):
                time.sleep(0.05)
            time.sleep(0.5)
        app.exit(0)

    threading.Thread(target=click, daemon=True).start()


sys.exit(transom.run(commands, HERE, setup=set_up))
"""


def test_downloads_go_where_the_callback_says(run_app: RunApp, tmp_path: Path) -> None:
    """Without a driver: under one, WebKit keeps downloads to itself."""
    (tmp_path / "Downloads").mkdir()
    (tmp_path / "config").mkdir()
    place = f'XDG_DOWNLOAD_DIR="{tmp_path}/Downloads"'
    (tmp_path / "config" / "user-dirs.dirs").write_text(place)
    page = (
        "<!doctype html><a id=link download='file.txt'>download</a>"
        "<script>window.__TAURI__.transom.pyInvoke('here')</script>"
    )
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "PLACE": str(tmp_path / "Downloads")}
    done = run_app(DOWNLOADS, html=page, env=env, config={"app": {"windows": []}})
    assert done.code == 0
    [app] = tmp_path.glob("app-*/app")
    assert (app / "kept.txt").read_text() == "yes"
    assert [file.read_text() for file in (tmp_path / "Downloads").iterdir()] == ["named"]
    assert done.output.count("asked") == 4
    assert "must return a bool or an absolute path" in done.output
