"""Tests the public WebDriver kit: how it starts an app, what it finds, and how an app ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import run

import pytest
from harness import environment, write_app

from transom.testing import webdriver

APP = """
import sys
from pathlib import Path

from transom import AppHandle, Commands, WebviewUrl, run
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()


@commands.command()
async def greet(body: str) -> str:
    print("greeting", body)
    return f"Hello, {body}!"


@commands.command("open")
async def open_window(body: str, app_handle: AppHandle) -> None:
    WebviewWindowBuilder.build(app_handle, body, WebviewUrl.App("index.html"))


@commands.command()
async def close(webview_window: WebviewWindow) -> None:
    webview_window.close()


@commands.command()
async def leave(body: int, app_handle: AppHandle) -> None:
    app_handle.exit(body)


if __name__ == "__main__":
    print("arguments", sys.argv[1:], Path.cwd().name)
    sys.exit(run(commands, Path(__file__).parent))
"""
PAGE = """
<!doctype html><meta charset="utf-8"><title>Greetings</title>
<input> <button>Greet</button> <p></p>
<script type="module">
  const { pyInvoke } = window.__TAURI__.transom;
  const [input, p] = ["input", "p"].map((it) => document.querySelector(it));
  document.querySelector("button").onclick = async () => {
    p.textContent = await pyInvoke("greet", input.value);
  };
</script>
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return write_app(tmp_path / "greeter", APP, html=PAGE)


def test_an_app_is_driven_on_a_display_of_its_own(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY")
    with webdriver.start(script, "a b", "--c", folder=tmp_path) as app:
        main = app.page()
        assert (main.title(), main.url()) == ("Greetings", "tauri://localhost")
        main.type("input", "Ada")
        main.click("button")
        main.wait_text("p", "Hello, Ada!")
        assert main.text("p") == "Hello, Ada!"
        assert f"arguments ['a b', '--c'] {tmp_path.name}" in app.wait_output("greeting Ada")
        png = main.screenshot(tmp_path / "shots" / "greeted.png").read_bytes()
        assert png.startswith(b"\x89PNG")
        main.invoke("open", "other")
        other = app.page("other")
        other.find("input").type("Grace")
        field = main.find("input")
        assert sorted(app.labels()) == ["main", "other"]
        other.wait_until("document.querySelector('input').value === 'Grace'")
        field.clear()
        assert main.execute("return arguments[0] + document.querySelector('input').value", 7) == "7"
        other.run_last("window.__TAURI__.transom.pyInvoke('close')")
        app.wait_gone("other")
        with pytest.raises(webdriver.PageError, match="unknown-command"):
            main.invoke("absent")
        with pytest.raises(TimeoutError, match="an element `#absent` in the window `main`"):
            main.find("#absent", timeout=0.1)
        main.run_last("window.__TAURI__.transom.pyInvoke('leave', 7)")
        ended = app.wait_end()
        assert ended.code == 7
        assert "greeting Ada" in ended.output
    assert "greeting Ada" in app.output()


def test_a_module_is_started_and_killed(script: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with webdriver.start(module=script.stem, folder=script.parent, home=home) as app:
        pid = app.page().run("return await transom.pyInvoke('greet', 'x')")
        assert pid == "Hello, x!"
        with pytest.raises(TimeoutError, match=r"the end of the app(.|\n)*arguments \[\] greeter"):
            app.wait_end(timeout=0.1)
    assert (home / "data").is_dir()
    assert not (home / "exit-code").exists()
    webdriver.wait_for(lambda: Nobody(script.parent), what="the end of the app")


class Nobody:
    """True when no process runs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.found = list[str]()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").samefile(folder):
                    state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
                    self.found.append(f"{state} {(process / 'cmdline').read_text()}")
            except OSError:
                continue

    def __bool__(self) -> bool:
        return not self.found

    def __repr__(self) -> str:
        return repr(self.found)


def test_an_executable_is_started(script: Path, tmp_path: Path) -> None:
    program = tmp_path / "greeter.sh"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    program.chmod(0o755)
    with webdriver.start(program, "x", env={"GREETING": "Hi"}) as app:
        app.page()
        ended = app.stop()
        assert ended.code == 143
        assert "arguments ['x']" in ended.output
        assert app.stop() == ended


def test_an_app_that_ends_at_once_says_why(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("raise ZeroDivisionError('at the start')\n")
    said = r"the app ended with the code 1 before it had a window(.|\n)*Error: at the start"
    with pytest.raises(RuntimeError, match=said):
        webdriver.start(script)


def test_what_is_missing_is_named(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no program '.*absent.py'"):
        webdriver.start("absent.py")
    with pytest.raises(TypeError, match="give a program or a module"):
        webdriver.start()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt install webkit2gtk-driver"):
        webdriver.start(script)
    monkeypatch.delenv("DISPLAY")
    with pytest.raises(FileNotFoundError, match="apt install xvfb"):
        webdriver.start(script)


def test_a_display_stays_as_it_is_when_its_last_app_has_gone() -> None:
    with webdriver.Display() as display:
        name = ["xprop", "-display", display.name, "-root"]
        run([*name, "-f", "KEPT", "8s", "-set", "KEPT", "there"], check=True)
        kept = run([*name, "KEPT"], check=True, capture_output=True, text=True).stdout
    assert kept == 'KEPT(STRING) = "there"\n'


def test_a_display_is_shared(script: Path) -> None:
    with webdriver.Display("800x600x24") as display:
        assert display.name != os.environ["DISPLAY"]
        for _ in range(2):
            with webdriver.start(script, display=display.name) as app:
                assert app.page().run("return screen.width") == 800


def test_apps_under_test_have_folders_of_their_own(tmp_path: Path) -> None:
    assert environment(tmp_path, {"A": "1"})["XDG_DATA_HOME"] == str(tmp_path / "data")
