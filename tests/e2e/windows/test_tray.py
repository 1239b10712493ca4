"""Tests tray icons in a real app, on a desktop that shows none of them."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest
from harness import App, PageError, RunApp, StartApp

LIBRARIES = [
    f"lib{name}.so{version}"
    for name in ("ayatana-appindicator3", "appindicator3")
    for version in (".1", "")
]


def has_library() -> bool:
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


needs_library = pytest.mark.skipif(not has_library(), reason="needs libayatana-appindicator3-1")


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("trays")


@needs_library
def test_a_tray_icon_is_made_used_and_removed(app: App) -> None:
    page = app.page()
    assert page.invoke("setup") == "main"
    assert page.invoke("host") is False
    app.wait_output("nothing on this desktop shows tray icons")
    assert page.invoke("use") == [1, 0, None, '<TrayIcon "main">', True]
    gone = "the tray icon `main` is removed"
    assert page.invoke("remove") == ["main", gone, gone, "0"]


@needs_library
def test_what_a_user_gets_wrong_is_an_error_that_says_so(app: App) -> None:
    wanted = {
        "twice": "ValueError: there is a tray icon `one` already",
        "slash": "ValueError: '../x' is not an id of a tray icon",
        "nul": "ValueError: 'a\\x00b' is not an id of a tray icon",
        "empty": "ValueError: '' is not an id of a tray icon",
        "icon": "TypeError: expected a `transom.image.Image`, got bytes",
        "menu": "TypeError: expected a Menu or a Submenu, got str",
        "title": "ValueError: 'a\\x00b' is not a text",
        "handler": "TypeError: a callback must be callable",
        "folder": "RuntimeError",
    }
    seen = app.page().invoke("mistakes")
    assert {name: text for name, text in seen.items() if not text.startswith(wanted[name])} == {}
    assert seen.keys() == wanted.keys()
    assert "panicked" not in app.output()


@needs_library
def test_tray_icons_that_are_removed_leave_no_handler(app: App) -> None:
    assert app.page().invoke("churn", 50) == [0, 0]
    assert app.output().count("nothing on this desktop shows tray icons") == 1


@needs_library
def test_the_page_has_tray_icons_too(app: App) -> None:
    made = app.page().run(
        """
        const {TrayIcon} = window.__TAURI__.tray;
        const tray = await TrayIcon.new({id: "of-the-page", tooltip: "x"});
        await tray.setTitle("y");
        const found = await TrayIcon.getById("of-the-page");
        await TrayIcon.removeById("of-the-page");
        return [tray.id, found.id, await TrayIcon.getById("of-the-page")];
        """
    )
    assert made == ["of-the-page", "of-the-page", None]


@pytest.fixture
def without_library(tmp_path: Path) -> dict[str, str]:
    """An environment in which none of the libraries can be loaded."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    for name in LIBRARIES:
        (folder / name).write_text("no library")
    return {"LD_LIBRARY_PATH": str(folder)}


def test_without_its_library_a_tray_icon_is_an_error_that_names_the_package(
    start_app: StartApp, without_library: dict[str, str]
) -> None:
    app = start_app("trays", env=without_library)
    assert "libayatana-appindicator3-1" in app.page().invoke("attempt")
    with pytest.raises(PageError, match="libayatana-appindicator3-1"):
        app.page().run('await window.__TAURI__.tray.TrayIcon.new({id: "x"})')
    assert app.page().invoke("take_told") == [], "the app runs on"


CONFIGURED = {"app": {"trayIcon": {"id": "configured", "iconPath": "icon.png"}}}


def test_without_its_library_a_tray_icon_of_the_configuration_is_refused(
    run_app: RunApp, without_library: dict[str, str]
) -> None:
    ended = run_app("trays", env=without_library, config=CONFIGURED)
    assert ended.code == 1
    assert "RuntimeError: app.trayIcon: tray icons need a library" in ended.output


@needs_library
def test_the_configuration_has_a_tray_icon(start_app: StartApp) -> None:
    app = start_app("trays", config=CONFIGURED)
    assert app.page().invoke("find", "configured") is True
    assert app.page().invoke("find", "main") is False
    assert "app.trayIcon" not in app.output()


def test_a_tray_icon_without_its_file_is_told(run_app: RunApp) -> None:
    tray = {"app": {"trayIcon": {"iconPath": "gone.png"}}}
    ended = run_app("trays", config=tray)
    assert "Failed to load tray icon at " in ended.output
    assert "Correct `app.trayIcon.iconPath`" in ended.output
