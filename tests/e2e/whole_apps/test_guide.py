"""Tests the guide's apps in real windows, with the pages that the guide shows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import App, Page, StartApp
from pages import GUIDE, files, listings, write
from xdotool import Window, key, open_menu

import transom
from transom.testing.webdriver import wait_for


@pytest.fixture
def start_page(start_app: StartApp) -> Callable[[str], App]:
    """Starts the app of a page of the guide."""

    def start(page: str) -> App:
        found = files(GUIDE / page)
        return start_app(found["app.py"], files=found, config=None, capabilities={})

    return start


StartPage = Callable[[str], App]


def shown(app: App, label: str = "main") -> Page:
    """A window whose scripts have run."""
    page = app.page(label)
    page.wait_until('document.readyState === "complete"')
    return page


def test_the_first_app_shows_its_counts(start_page: StartPage) -> None:
    page = shown(start_page("first-app.md"))
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("p").textContent === "6 words, the longest is “not”"')


def test_tables_arrays_and_plots_are_shown(start_page: StartPage) -> None:
    page = shown(start_page("data.md"))
    page.wait_until('document.querySelectorAll("td").length === 10')
    page.wait_until('document.querySelector("img").naturalWidth > 0')
    page.wait_until('document.querySelector("p").textContent.startsWith("2 × 1000: 0.96")')
    # 400 points of 2 × 2 pixels have come, and the last stands at the right.
    page.wait_until(
        """
        document.querySelector("canvas").getContext("2d").getImageData(398, 0, 2, 120)
          .data.some((it) => it > 0)
        """
    )


def test_a_window_with_unsaved_text_stays_open(start_page: StartPage) -> None:
    app = start_page("windows.md")
    main = shown(app)
    main.run('document.querySelector("#settings").click()')
    shown(app, "settings")
    main.invoke("open_editor", "letter")
    editor = shown(app, "editor-letter")
    editor.run(
        """
        window.asked = 0;
        const value = {get: () => { window.asked += 1; return "Dear Ada"; }, configurable: true};
        Object.defineProperty(document.querySelector("textarea"), "value", value);
        document.querySelector("button").click();
        """
    )
    editor.wait_until("window.asked === 1")
    main.invoke("open_editor", "letter")
    assert shown(app, "editor-letter").run("return window.asked") == 1, "it is the same window"
    editor.run('delete document.querySelector("textarea").value')
    editor.run('document.querySelector("button").click()')
    app.wait_gone("editor-letter")


def test_the_test_in_windows_of_the_testing_page_passes(tmp_path: Path) -> None:
    write(GUIDE / "windows.md", tmp_path)
    (listing,) = (it for it in listings(GUIDE / "testing.md") if it.title == "test_in_windows.py")
    (tmp_path / "test_in_windows.py").write_text(listing.text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_in_windows.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(transom.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_items_of_a_stream_appear(start_page: StartPage) -> None:
    page = shown(start_page("streams.md"))
    page.wait_until('document.querySelector("p").textContent === "10"')
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("li")?.textContent === "1: import sys"')


def test_workers_compute_for_a_page(start_page: StartPage) -> None:
    page = shown(start_page("heavy-work.md"))
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("p").textContent === "2262 and 3245 primes"', 120.0)


def test_a_page_hears_events_and_messages(start_page: StartPage) -> None:
    app = start_page("events-and-channels.md")
    page = app.page()
    page.wait_until('document.body.dataset.ready === "yes"')
    app.wait_output("a page says good morning")
    page.run('document.querySelector("button").click()')
    page.wait_until('document.querySelector("p").textContent === "letter is saved"')
    page.wait_until('document.querySelectorAll("li").length === 2')


def test_a_page_writes_a_file_by_a_plugin(start_page: StartPage) -> None:
    app = start_page("plugins.md")
    page = shown(app)
    page.run('document.querySelector("textarea").value = "Dear Ada"')
    page.run('document.querySelector("#save").click()')
    page.wait_until('document.body.dataset.saved === "yes"')
    (note,) = (app.folder.parent / "data").rglob("note.txt")
    assert note.read_text() == "Dear Ada"


def test_a_menu_bar_and_a_context_menu_tell_what_is_chosen(start_page: StartPage) -> None:
    page = shown(start_page("menus-and-tray.md"))
    window = Window("Words")
    window.key("ctrl+s")
    wait_for(lambda: page.invoke("log") == ["saved"], what="the accelerator")
    open_menu(window, 20, 12)
    key("Down", "Down", "Return")
    wait_for(lambda: page.invoke("log") == ["saved", "wraps"], what="the check item")


def test_an_app_with_each_feature_of_pytauri_shows_what_came(start_page: StartPage) -> None:
    app = start_page("pytauri-by-example.md")
    page = shown(app)
    page.wait_until('document.querySelectorAll("li").length === 9')
    texts = page.run('return [...document.querySelectorAll("li")].map((it) => it.textContent)')
    assert texts[:3] == ["4 words", "3,2,1", "There is no note 'letter'."]
    ticks = ["channel 0", "channel 1", "channel 2", "channel the end", "event 0", "event 7"]
    assert sorted(texts[3:]) == ticks
    heard = ['{"title":"letter"}']
    wait_for(lambda: page.invoke("read_so_far") == heard, what="the event of the page")
    assert page.invoke("open_note", "letter") is True
    assert shown(app, "letter").invoke("total", {"a": 1, "b": 2}) == 3
    assert page.invoke("put", "b") == 1
    assert page.invoke("in_order") == ["b"]
