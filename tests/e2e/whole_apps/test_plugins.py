"""Tests an app with every plugin: what pages can do by them and what not, dialogs, callbacks.

It is one file because all its tests share one app.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from harness import App, Page, PageError, StartApp, environment

from transom.testing.webdriver import wait_for

CONFIG = {
    "plugins": {
        "updater": {"pubkey": "none", "endpoints": ["https://127.0.0.1:1/latest.json"]},
        "deep-link": {"desktop": {"schemes": ["transom-e2e"]}},
    },
    "app": {
        "windows": [
            {"label": "main", "title": "plugins-main", "url": "index.html"},
            {"label": "other", "title": "other", "url": "index.html"},
        ]
    },
}


class Hello(BaseHTTPRequestHandler):
    """Answers every request without any header that lets pages of others read it."""

    def do_GET(self) -> None:
        body = b"hello from the server"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Logs nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}/"
        served.shutdown()


def capability(folder: Path) -> dict[str, object]:
    """What the window `main` may do; the window `other` may call Python only."""
    inside = [{"path": str(folder)}, {"path": f"{folder}/**"}]
    echo = [{"name": "echo", "cmd": "echo", "args": True}]
    return {
        "identifier": "main",
        "windows": ["main"],
        "permissions": [
            "core:default",
            "transom:default",
            "autostart:default",
            "clipboard-manager:allow-read-text",
            "clipboard-manager:allow-write-text",
            "deep-link:default",
            "deep-link:allow-is-registered",
            "deep-link:allow-register",
            "deep-link:allow-unregister",
            "dialog:default",
            {"identifier": "fs:allow-read-text-file", "allow": inside},
            {"identifier": "fs:allow-watch", "allow": inside},
            "fs:allow-unwatch",
            {"identifier": "fs:allow-write-text-file", "allow": inside},
            "global-shortcut:allow-register",
            {"identifier": "http:default", "allow": [{"url": "http://127.0.0.1:*"}]},
            "log:default",
            "notification:default",
            "os:default",
            "positioner:default",
            "process:default",
            {"identifier": "shell:allow-execute", "allow": echo},
            "store:default",
            "updater:default",
            "upload:default",
            "websocket:default",
            "window-state:default",
        ],
    }


@pytest.fixture(scope="module")
def app(start_shared: StartApp, tmp_path_factory: pytest.TempPathFactory) -> App:
    files = tmp_path_factory.mktemp("files")
    home = tmp_path_factory.mktemp("home")
    python = {"identifier": "other", "windows": ["other"], "permissions": ["transom:default"]}
    app = start_shared(
        "plugins",
        env={"HOME": str(home)},
        config=CONFIG,
        capabilities={"main": capability(files), "other": python},
    )
    app.page().run("window.files = args[0]; window.home = args[1]", str(files), str(home))
    return app


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def in_background(page: Page, expression: str) -> None:
    """Evaluates an expression; `window.answer` is then `[value]`, or `[null, error]`."""
    page.run(
        f"window.answer = null; ({expression}).then((value) => window.answer = [value ?? null],"
        " (error) => window.answer = [null, String(error)]); await null;"
    )


def answer(page: Page) -> list[object]:
    page.wait_until("window.answer !== null")
    return page.run("return window.answer")


def xdotool(*words: str, seconds: int = 60) -> str:
    """What it prints; nothing if it is ended then, as when it waits for a window that is gone."""
    command = ["timeout", str(seconds), "xdotool", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def press(title: str, *keys: str) -> None:
    """Waits for a window with this title, presses keys in it until it is gone."""

    def is_gone() -> bool:
        found = xdotool("search", "--onlyvisible", "--name", f"^{title}$")
        if not found:
            return True
        xdotool(
            "windowfocus", "--sync", found.split()[0], "key", "--delay", "80", *keys, seconds=10
        )
        return False

    wait_for(
        lambda: xdotool("search", "--onlyvisible", "--name", f"^{title}$"), 60, f"window {title}"
    )
    wait_for(is_gone, 120, f"end of window {title}")


def test_pages_use_plugins(page: Page, server: str) -> None:
    """Their APIs are on the page, and each does its work."""
    found = page.run(
        """
        const {autostart, clipboardManager, deepLink, fs, http, notification, os, positioner,
          shell, windowState} = window.__TAURI__;
        await clipboardManager.writeText("zażółć");
        const changed = new Promise((resolve) => window.changed = resolve);
        const unwatch = await fs.watchImmediate(files, (event) => window.changed(event.paths));
        await fs.writeTextFile(`${files}/note.txt`, "kept");
        const [watched] = await changed;
        unwatch();
        await positioner.moveWindow(positioner.Position.Center);
        const echoed = await shell.Command.create("echo", ["from", "a", "shell"]).execute();
        await autostart.enable();
        return {
          autostart: await autostart.isEnabled(),
          clipboard: await clipboardManager.readText(),
          deepLink: await deepLink.getCurrent(),
          fs: await fs.readTextFile(`${files}/note.txt`),
          http: await (await http.fetch(args[0])).text(),
          notification: await notification.isPermissionGranted(),
          os: os.platform(),
          shell: echoed.stdout,
          watched: watched.split("/").pop(),
          windowState: await windowState.filename(),
        };
        """,
        server,
    )
    assert found == {
        "autostart": True,
        "clipboard": "zażółć",
        "deepLink": None,
        "fs": "kept",
        "http": "hello from the server",
        "notification": True,
        "os": "linux",
        "shell": "from a shell\n",
        "watched": "note.txt",
        "windowState": ".window-state.json",
    }


def test_the_system_starts_the_app_and_not_the_interpreter(app: App, page: Page) -> None:
    page.run("await window.__TAURI__.autostart.enable()")
    home = Path(page.run("return window.home"))
    (entry,) = (home / ".config" / "autostart").iterdir()
    script = app.folder / "app.py"
    assert f'Exec={sys.executable} {script} "--quiet start"\n' in entry.read_text()
    page.run("await window.__TAURI__.autostart.disable()")
    assert not entry.exists()


def test_the_system_opens_urls_with_the_app(app: App, page: Page) -> None:
    """It does so by a desktop entry, which is of the app and not of the interpreter."""
    call = "return await window.__TAURI__.deepLink"
    assert page.run(f"{call}.isRegistered('transom-e2e')") is False
    for scheme in ("transom-e2e", "transom-two"):
        page.run(f"{call}.register('{scheme}')")
        assert page.run(f"{call}.isRegistered('{scheme}')") is True
    entry = app.folder.parent / "data" / "applications" / "dev.transom.e2e-handler.desktop"
    text = entry.read_text()
    assert f"Exec={sys.executable} {app.folder / 'app.py'} %u\n" in text
    assert "x-scheme-handler/transom-e2e;x-scheme-handler/transom-two;\n" in text
    for scheme in ("transom-e2e", "transom-two"):
        assert entry.exists()
        page.run(f"{call}.unregister('{scheme}')")
        assert page.run(f"{call}.isRegistered('{scheme}')") is False
    assert not entry.exists()
    assert "no URL scheme" in rejected(page, f"{call}.register('a;b')")


def test_the_desktop_knows_the_app_by_its_name(page: Page) -> None:
    (window,) = xdotool("search", "--name", "^plugins-main$").split()
    shown = subprocess.run(
        ["xprop", "-id", window, "WM_CLASS"], capture_output=True, text=True, check=True
    ).stdout
    assert shown == 'WM_CLASS(STRING) = "dev.transom.e2e", "transom-e2e"\n'

    watch = ["dbus-monitor", "--session", "interface='org.freedesktop.Notifications'"]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout is not None
        try:
            # It has said so when it listens.
            next(line for line in monitor.stdout if "NameAcquired" in line or "NameLost" in line)
            for send in (
                "window.__TAURI__.notification.sendNotification('from the page')",
                "window.__TAURI__.transom.pyInvoke('notify')",
            ):
                page.run(f"await {send}")
                call = next(line for line in monitor.stdout if "member=Notify" in line)
                assert "path=/org/freedesktop/Notifications" in call
                assert next(monitor.stdout).strip() == 'string "transom-e2e"'
        finally:
            monitor.kill()


def test_windows_go_where_the_tray_icon_is(page: Page) -> None:
    move = "await positioner.moveWindow(positioner.Position.TrayBottomLeft);"
    prelude = "const {positioner, window: {getCurrentWindow}} = window.__TAURI__;"
    assert "Tray position not set" in rejected(page, prelude + move)
    page.run(
        prelude
        + "await positioner.handleIconState("
        + "{rect: {position: {x: 111, y: 122}, size: {width: 16, height: 16}}});"
        + move
    )
    position = f"(async () => {{{prelude} return await getCurrentWindow().outerPosition(); }})()"

    def is_there() -> bool:
        at = page.run(f"return await {position}")
        return (at["x"], at["y"]) == (111, 122)

    wait_for(is_there, what="the window's place")


def test_windows_move_while_their_places_are_saved(app: App, page: Page) -> None:
    """Upstream's command and the UI thread would wait for each other."""
    (window,) = xdotool("search", "--name", "^plugins-main$").split()
    over = Event()

    def move() -> None:
        for at in itertools.count():
            if over.is_set():
                return
            xdotool("windowmove", window, str(at % 200), str(at % 150))
            xdotool("windowsize", window, str(700 + at % 50), str(500 + at % 50))

    mover = Thread(target=move)
    mover.start()
    try:
        page.run(
            """
            const {windowState} = window.__TAURI__;
            for (let time = 0; time < 150; time += 1) {
              await Promise.all([
                windowState.saveWindowState(),
                windowState.saveWindowState(windowState.StateFlags.POSITION),
              ]);
            }
            await windowState.restoreStateCurrent(windowState.StateFlags.SIZE);
            """
        )
    finally:
        over.set()
        mover.join()
    home = Path(app.folder.parent)
    assert (home / "config" / "dev.transom.e2e" / ".window-state.json").exists()
    assert "unknown state flags" in rejected(
        page, "await window.__TAURI__.windowState.saveWindowState(1 << 20)"
    )


def rejected(page: Page, statements: str) -> str:
    with pytest.raises(PageError) as caught:
        page.run(statements)
    return caught.value.message


def test_permissions_hold(app: App, page: Page) -> None:
    assert "forbidden path" in rejected(
        page, "await window.__TAURI__.fs.readTextFile('/etc/hostname')"
    )
    assert "not allowed" in rejected(page, "await window.__TAURI__.opener.openUrl('https://a.b')")
    assert "not allowed" in rejected(
        page, "await window.__TAURI__.http.fetch('https://example.org')"
    )
    other = app.page("other")
    assert "not allowed" in rejected(other, "await window.__TAURI__.os.locale()")
    assert "not allowed" in rejected(other, "await window.__TAURI__.dialog.message('hello')")


def test_what_would_harm_the_app_is_refused(page: Page) -> None:
    invoke = "await window.__TAURI__.core.invoke"
    for command in ("install", "download_and_install"):
        assert "bundled apps only" in rejected(page, f"{invoke}('plugin:updater|{command}', {{}})")
    assert "NUL" in rejected(page, "await window.__TAURI__.dialog.message('a\\0b')")
    assert page.invoke("where_refused").keys() == {"setup", "main", "loop"}


def test_a_plain_callback_waits_for_the_user_and_one_on_the_loop_does_not(
    app: App, page: Page
) -> None:
    page.run("await window.__TAURI__.event.emit('ask')")
    press("of-callback", "alt+o")
    app.wait_output("the callback was told True")
    wait_for(lambda: "callback" in page.invoke("where_refused"), what="the refusal")


def test_the_page_logs_to_python(app: App, page: Page) -> None:
    page.run(
        """
        const {log} = window.__TAURI__;
        await log.info("some information");
        for (let number = 0; number < 3; number += 1) await log.warn(`warning ${number}`);
        await log.error("forged", {keyValues: {worker: "1", record: "{}"}});
        """
    )
    output = app.wait_output("forged")
    for line in ("some information", "warning 0", "warning 1", "warning 2"):
        assert f":transom.webview:{line}" in output


def test_a_dialog_of_the_page(page: Page) -> None:
    in_background(page, "window.__TAURI__.dialog.ask('Sure?', {title: 'page-asks'})")
    press("page-asks", "Escape")
    assert answer(page) == [False]


@pytest.mark.parametrize(
    ("command", "keys", "agreed"),
    [
        ("ask", ["alt+y"], True),
        ("ask", ["Escape"], False),
        ("ask_in_thread", ["alt+o"], True),
        ("ask_in_thread", ["Escape"], False),
    ],
)
def test_a_command_waits_for_the_user(
    page: Page, command: str, keys: list[str], agreed: bool
) -> None:
    title = f"{command}-{keys[0]}".replace("+", "-")
    in_background(page, f"window.__TAURI__.transom.pyInvoke('{command}', '{title}')")
    press(title, *keys)
    assert answer(page) == [agreed]


def test_a_cancelled_command_does_not_wait_for_the_user(page: Page) -> None:
    page.run(
        "window.stop = new AbortController(); window.released = null;"
        "const call = transom.pyInvoke('ask_in_thread', 'left-open', {signal: stop.signal});"
        "call.catch(() => {}); call.released.then((how) => window.released = how);"
        "await null;"
    )
    wait_for(lambda: xdotool("search", "--onlyvisible", "--name", "^left-open$"), what="dialog")
    page.run("stop.abort()")
    assert page.wait_until("window.released") == "cancelled"
    press("left-open", "Escape")


def test_the_user_picks_a_file(app: App, page: Page) -> None:
    in_background(page, "window.__TAURI__.transom.pyInvoke('save', 'pick-it')")
    press("pick-it", "Return")
    assert answer(page) == [str(app.folder / "picked.txt")]
    scope = app.folder.parent / "data" / "dev.transom.e2e" / ".persisted-scope-asset"
    assert not scope.exists()
    dialog = f"{{title: 'pick-asset', defaultPath: '{app.folder}/asset.txt'}}"
    in_background(page, f"window.__TAURI__.dialog.save({dialog})")
    press("pick-asset", "Return")
    assert answer(page) == [f"{app.folder}/asset.txt"]
    wait_for(lambda: b"asset.txt" in scope.read_bytes(), what="the scope of the asset protocol")
    in_background(page, "window.__TAURI__.transom.pyInvoke('save', 'pick-none')")
    press("pick-none", "Escape")
    assert answer(page) == [None]


def test_a_handler_that_raises_is_contained(app: App, page: Page) -> None:
    page.invoke("ask_and_raise", "raises")
    press("raises", "Escape")
    app.wait_output("ValueError: the handler was told False")
    page.invoke("notify")


def test_a_shortcut_reaches_the_page(page: Page) -> None:
    page.run(
        "await window.__TAURI__.globalShortcut.register('CommandOrControl+Shift+F9',"
        "(event) => window.shortcut = event.state);"
    )

    def is_heard() -> bool:
        xdotool("key", "ctrl+shift+F9")
        return page.run("return window.shortcut !== undefined")

    wait_for(is_heard, what="the shortcut")


def test_plugins_come_and_go(app: App, page: Page) -> None:
    values = "const kept = await window.__TAURI__.store.load('kept.json', {autoSave: false});"
    assert "not found" in rejected(page, values)
    used, module = page.invoke("register_late")
    assert used == "Already consumed"
    assert module.startswith("expected a plugin, got <module 'transom.plugins.store'")
    assert module.endswith("pass what `init()` of a module of `transom.plugins` returns")
    assert page.run(f"{values} await kept.set('a', {{b: 1}}); return await kept.get('a')") == {
        "b": 1
    }
    assert page.invoke("remove", "positioner")[:2] == [True, False]
    assert "itself" in page.invoke("remove", "nothing")[2]
    invoke = "await window.__TAURI__.core.invoke"
    assert "not found" in rejected(page, f"{invoke}('plugin:positioner|move_window', {{}})")


def test_a_second_instance_tells_the_first_and_ends(app: App, page: Page, tmp_path: Path) -> None:
    script = app.folder / "app.py"
    home = {"HOME": page.run("return window.home")}
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(script), "two.txt", "-x"],
        env={**os.environ, **environment(app.folder.parent, home)},
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0
    app.wait_output(f"again {[str(script), 'two.txt', '-x']} {tmp_path}")
    app.wait_output("the second instance was not welcome")


def test_the_page_ends_the_app(app: App, page: Page) -> None:
    page.run_last("window.__TAURI__.process.exit(3)")
    app.wait_output("ended with 3")
