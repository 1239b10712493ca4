"""Runs the workbench under WebDriver: its process, and its windows by label."""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from transom.testing.webdriver import Driver, WebDriverError, wait_for

HERE = Path(__file__).resolve().parent.parent
#: Seconds that a step may take on a machine that is busy with others.
PATIENCE = 60.0
ENTER, CONTROL, RELEASE = "\ue007", "\ue009", "\ue000"

_PAINTED = """
const frame = (then) => requestAnimationFrame(() => setTimeout(then, 50));
frame(() => frame(arguments[0]));
"""
_LABEL = "return window.__TAURI_INTERNALS__?.metadata?.currentWindow?.label ?? null"


def departing() -> suppress:
    """For what closes its own window: the driver may find it gone before it can answer."""
    return suppress(WebDriverError, OSError)


class Window:
    """One window of the app. Every method makes it the current one first."""

    def __init__(self, driver: Driver, handle: str, label: str) -> None:
        self._driver = driver
        self.handle = handle
        self.label = label

    def _page(self) -> Driver:
        self._driver.switch(self.handle)
        return self._driver

    def js(self, expression: str, *args: object) -> Any:
        """The value of a JavaScript expression; ``args`` are its ``arguments``."""
        return self._page().execute(f"return ({expression})", *args)

    def wait(self, expression: str, timeout: float = PATIENCE) -> Any:
        """Polls a JavaScript expression until it is true."""
        what = f"`{expression}` in “{self.label}”"
        return wait_for(lambda: self.js(expression), timeout, what)

    def text(self, css: str) -> str:
        """The text of the first element that matches, cut off on screen or not."""
        return self.js("document.querySelector(arguments[0]).textContent", css)

    def click(self, css: str) -> None:
        """Clicks the first element that matches, wherever it has moved to by then.

        A click at a place would miss an element that a list moves at that moment.
        """
        driver = self._page()
        driver.execute("arguments[0].click()", driver.find(css).as_argument())

    def double_click(self, css: str) -> None:
        """Clicks it twice, as fast as a hand does."""
        driver = self._page()
        element = driver.find(css)
        driver.execute("arguments[0].scrollIntoView({block: 'nearest'})", element.as_argument())
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": element.as_argument()}
        mouse = {"type": "pointer", "id": "mouse", "actions": [move, *press, *press]}
        driver.call("POST", "/actions", {"actions": [mouse]})

    def type(self, css: str, keys: str) -> None:
        """Types into the first element that matches."""
        self._page().find(css).type(keys)

    def chord(self, css: str, key: str) -> None:
        """Types Ctrl and a key."""
        self.type(css, CONTROL + key + RELEASE)

    def shoot(self, file: Path) -> None:
        """Saves what the window shows as PNG."""
        driver = self._page()
        # A picture is of the last frame that was painted, not of the document as it is now.
        driver.execute_async(_PAINTED)
        driver.screenshot(file)


class Stage:
    """A running workbench; on leaving, whatever still runs of it is ended."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._env = env

    def __enter__(self) -> Self:
        homes = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
        env = {home: str(self.folder / home.lower()) for home in homes}
        # Even an app that had to be killed leaves nothing behind.
        env["TMPDIR"] = str(self.folder)
        self.driver = Driver(self.folder / "log.txt", {**env, "PYTHONUNBUFFERED": "1", **self._env})
        try:
            self.driver.start(sys.executable, [str(HERE / "touring/launch.py"), str(self.folder)])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def window(self, label: str, timeout: float = PATIENCE) -> Window:
        """The window with this label, waited for."""

        def find() -> Window | None:
            for handle in self.driver.handles():
                self.driver.switch(handle)
                if self.driver.execute(_LABEL) == label:
                    return Window(self.driver, handle, label)
            return None

        found = wait_for(find, timeout, f"window “{label}”")
        assert found is not None
        return found

    def editor(self, name: str) -> Window:
        """The editor that shows this document, waited for."""

        def find() -> Window | None:
            for handle in self.driver.handles():
                self.driver.switch(handle)
                label = self.driver.execute(_LABEL)
                title = "return document.querySelector('.editor #name')?.textContent"
                if label and self.driver.execute(title) == name:
                    return Window(self.driver, handle, label)
            return None

        found = wait_for(find, 20.0, f"editor of “{name}”")
        assert found is not None
        return found

    def wait_closed(self, window: Window) -> None:
        """Waits until a window is gone."""
        wait_for(
            lambda: window.handle not in self.driver.handles(), PATIENCE, f"end of “{window.label}”"
        )

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Waits until the app has ended by itself; its exit code."""
        file = self.folder / "exit"
        wait_for(file.exists, timeout, "end of the app")
        return int(file.read_text())

    def output(self) -> str:
        """What the app has written so far."""
        return self.driver.output()

    def _end(self) -> None:
        with suppress(WebDriverError, OSError):
            self.driver.close()
        pid = self.folder / "pid"
        if pid.exists() and not (self.folder / "exit").exists():
            with suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGKILL)
