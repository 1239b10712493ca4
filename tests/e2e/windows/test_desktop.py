"""Tests an app on a whole desktop: a window manager, a panel with a tray, and notifications."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from subprocess import CalledProcessError

import pytest
from desktop_session import Desktop
from harness import App, Page, StartApp
from xdotool import Window, key, place_of, shown, type_text

from transom.testing.webdriver import wait_for

CONFIG = {
    "productName": "The Desk",
    "app": {
        "windows": [
            {"label": "main", "title": "main", "url": "index.html"},
            {"label": "other", "title": "other", "url": "index.html", "width": 300, "height": 200},
        ]
    },
}
CAPABILITY = {
    "identifier": "all",
    "windows": ["*"],
    "permissions": [
        "core:default",
        "transom:default",
        "dialog:default",
        "global-shortcut:allow-register",
        "notification:default",
    ],
}


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with pytest.MonkeyPatch.context() as patch:
        desktop = Desktop(tmp_path_factory.mktemp("desktop"))
        for name, value in desktop.variables.items():
            patch.setenv(name, value)
        yield desktop
        desktop.close()


@pytest.fixture(scope="module")
def app(desktop: Desktop, start_shared: StartApp) -> App:
    app = start_shared("desktop", config=CONFIG, capabilities={"all": CAPABILITY})
    wait_for(lambda: app.page().invoke("host"), 60, "the host of the tray")
    return app


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def told(page: Page, wanted: str) -> None:
    seen: list[str] = []

    def is_told() -> bool:
        seen.extend(page.invoke("take_told"))
        return bool(seen)

    wait_for(is_told, what=f"{wanted!r}")
    assert seen == [wanted]


def test_the_desktop_knows_the_app_by_its_name(app: App) -> None:
    """Not by that of the interpreter: taskbars group windows by it."""
    wait_for(lambda: shown("The Desk"), what="the windows of the app")
    assert shown("python.*") == []


# Where the items are in the menu of the tray icon, as parts of its height.
SHOW, MUTE, LATER, FAIL, QUIT = 0.12, 0.31, 0.49, 0.69, 0.87


def test_a_tray_icon_is_clicked_in_the_tray(desktop: Desktop, app: App, page: Page) -> None:
    page.invoke("show_tray", "first")
    wait_for(desktop.has_icon, 60, "the icon")
    desktop.choose(MUTE)
    told(page, "first: muted True")
    desktop.choose(MUTE)
    told(page, "first: muted False")
    desktop.choose(LATER)
    told(page, "first: Later")
    desktop.choose(FAIL)
    assert "ZeroDivisionError: of a tray icon" in app.wait_output("a callback failed")


def test_the_window_is_hidden_and_shown_by_the_tray_icon(desktop: Desktop, page: Page) -> None:
    desktop.choose(SHOW)
    told(page, "first: False")
    wait_for(lambda: len(shown("The Desk")) == 1, what="the end of the window")
    desktop.choose(SHOW, button=3)
    told(page, "first: True")
    wait_for(lambda: len(shown("The Desk")) == 2, what="the window")


def test_a_removed_tray_icon_goes_and_another_takes_its_id(desktop: Desktop, page: Page) -> None:
    assert page.invoke("remove_tray") is True
    wait_for(lambda: not desktop.has_icon(), 60, "the end of the icon")
    page.invoke("show_tray", "second")
    wait_for(desktop.has_icon, 60, "the icon")
    desktop.choose(MUTE)
    told(page, "second: muted True")


def test_a_context_menu_that_cannot_be_shown_holds_nothing_up(
    desktop: Desktop, app: App, page: Page
) -> None:
    """While another program's menu is open, which has the mouse and the keyboard."""
    desktop.open_tray_menu()
    page.invoke("popup")
    app.wait_output("a context menu was not shown")
    # Tauri's loop turns.
    assert page.run("return await window.__TAURI__.window.getCurrentWindow().title()") == "main"
    desktop.choose(MUTE)
    told(page, "second: muted False")


def in_background(page: Page, command: str, body: str) -> None:
    """Calls a command; `window.answer` is then `[value]`."""
    page.run(
        "window.answer = null;"
        "transom.pyInvoke(args[0], args[1]).then((value) => window.answer = [value])",
        command,
        body,
    )


def answer(page: Page) -> object:
    (value,) = page.wait_until("window.answer")
    return value


def test_a_button_of_a_dialog_is_clicked(page: Page) -> None:
    for title, place in (("say-no", 1), ("say-yes", 3)):
        in_background(page, "ask", title)
        dialog = Window(title)

        def is_answered(dialog: Window = dialog, place: int = place) -> bool:
            if there := place_of(dialog.id):
                _, _, width, height = there
                with suppress(CalledProcessError):  # it has just gone
                    dialog.click(width * place // 4, height - 20)
            return page.run("return window.answer !== null")

        wait_for(is_answered, what="the answer")
        assert answer(page) is (title == "say-yes")


def test_the_user_picks_files_and_folders(app: App, page: Page) -> None:
    for name in ("a.txt", "b.txt"):
        (app.folder / "picks").mkdir(exist_ok=True)
        (app.folder / "picks" / name).write_text(name)
    in_background(page, "pick", "one-file")
    Window("one-file").key("slash")  # opens a line for the path
    type_text(str(app.folder / "picks" / "b.txt").removeprefix("/"))
    key("Return")
    assert answer(page) == str(app.folder / "picks" / "b.txt")
    in_background(page, "pick", "one-folder")
    dialog = Window("one-folder")

    def is_picked() -> bool:
        if place_of(dialog.id):
            with suppress(CalledProcessError):  # it has just gone
                dialog.key("alt+o")
        return page.run("return window.answer !== null")

    wait_for(is_picked, what="the folder")
    assert answer(page) == str(app.folder)


def test_notifications_are_shown_in_the_name_of_the_app(desktop: Desktop, page: Page) -> None:
    page.invoke("notify", "by Python")
    page.run("new Notification('by the page', {body: 'nothing', icon: 'none'})")
    wait_for(lambda: len(desktop.notifications()) == 2, 60, "two notifications")
    by_title = {it["summary"]: it for it in desktop.notifications()}
    name = {"appname": "The Desk"}
    assert by_title["by Python"] == {
        **name,
        "summary": "by Python",
        "body": "All of it & more",
        "icon": "info",
    }
    of_page = {"summary": "by the page", "body": "nothing", "icon": "none"}
    assert by_title["by the page"] == {**name, **of_page}


def test_a_shortcut_is_heard_while_another_window_has_the_focus(app: App, page: Page) -> None:
    page.run(
        "await window.__TAURI__.globalShortcut.register('CommandOrControl+Shift+F9',"
        "(event) => window.shortcut = event.state);"
    )
    other = Window("other")

    def is_heard() -> bool:
        other.key("ctrl+shift+F9")
        return page.run("return window.shortcut !== undefined")

    wait_for(is_heard, what="the shortcut")
    assert app.page("other").run("return window.shortcut") is None


def test_the_app_is_ended_by_its_tray_icon(desktop: Desktop, app: App) -> None:
    desktop.choose(QUIT)
    app.wait_output("ended with 4")
    wait_for(lambda: not desktop.has_icon(), 60, "the end of the icon")
