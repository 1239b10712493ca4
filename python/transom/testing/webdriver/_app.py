"""Defines `App`, a running app under test, and starts it."""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from . import _launch
from ._display import Display, has_display
from ._driver import Driver
from ._page import Page
from ._waiting import POLL, wait_for

_LABEL = """
const label = window.__TAURI_INTERNALS__?.metadata?.currentWebview?.label;
return label && document.readyState !== "loading" ? label : null;
"""


class Ended(NamedTuple):
    """How an app has ended."""

    code: int
    """Its exit code; of a signal 128 and its number."""
    output: str
    """What it has written to its standard streams."""


class App:
    """A running app, with its pages by the labels of their windows. `start` gives it."""

    def __init__(self, driver: Driver, code: Path | None = None) -> None:
        """`code`: the file into which `_launch.py` writes the exit code."""
        self.driver: Driver = driver
        self._code = code
        self._handles: dict[str, str] = {}
        self._ends: ExitStack = ExitStack()
        """What ends after it."""
        self._left: str | None = None
        """Its output, once it is closed."""

    def _find(self, label: str) -> str | None:
        handles = self.driver.handles()
        if (known := self._handles.get(label)) in handles:
            return known
        return next((handle for found, handle in self._labels(handles) if found == label), None)

    def _labels(self, handles: list[str]) -> list[tuple[str, str]]:
        found = list[tuple[str, str]]()
        for handle in handles:
            self.driver.switch(handle)
            if (label := self.driver.execute(_LABEL)) is not None:
                self._handles[label] = handle
                found.append((label, handle))
        return found

    def labels(self) -> list[str]:
        """The labels of the windows that have a page now."""
        return [label for label, _ in self._labels(self.driver.handles())]

    def page(self, label: str = "main", timeout: float = 60.0) -> Page:
        """The page of the window with this label, waited for.

        Raises:
            TimeoutError: It has not come. The error has what the app has written.
        """
        try:
            handle = wait_for(lambda: self._find(label), timeout, f"window `{label}`")
        except TimeoutError as error:
            text = f"{error}\n--- output of the app ---\n{self.output()}"
            raise TimeoutError(text) from None
        assert handle is not None
        return Page(self.driver, handle, label)

    def wait_gone(self, label: str, timeout: float = 60.0) -> None:
        """Waits until no window has this label."""
        handle = self._handles.pop(label, None) or self._find(label)
        wait_for(lambda: handle not in self.driver.handles(), timeout, f"end of window `{label}`")

    def output(self) -> str:
        """What the app has written to its standard streams."""
        return self.driver.output() if self._left is None else self._left

    def wait_output(self, text: str, timeout: float = 60.0) -> str:
        """Waits until the app has written `text`; returns all output."""
        wait_for(lambda: text in self.output(), timeout, f"output {text!r}")
        return self.output()

    def wait_end(self, timeout: float = 60.0) -> Ended:
        """Waits until the app has ended by itself.

        Raises:
            TimeoutError: It still runs. The error has what it has written.
        """
        code = self._code
        if code is None:
            raise RuntimeError("the end of an app is known when `webdriver.start` has started it")
        try:
            wait_for(code.exists, timeout, "the end of the app")
        except TimeoutError as error:
            text = f"{error}\n--- output of the app ---\n{self.output()}"
            raise TimeoutError(text) from None
        return Ended(int(code.read_text()), self.output())

    def stop(self, timeout: float = 60.0) -> Ended:
        """Asks the app to end, as the system does when it shuts down (SIGTERM), and waits for it.
        An app ends with the code 143 then, unless it has its own handler of that signal.

        Raises:
            TimeoutError: It still runs.
        """
        if self._code is not None and not self._code.exists():
            pid = int(self._code.with_suffix(".pid").read_text())
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        return self.wait_end(timeout)

    def close(self) -> None:
        """Kills the app if it still runs, and ends its driver and its display."""
        self.driver.close()
        if self._left is None:
            self._left = self.driver.output()
        self._ends.close()

    def end_with(self, ends: ExitStack) -> None:
        """Has `ends` closed after it."""
        self._ends = ends

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of an app under test: data folders of its own in `home`, unbuffered output."""
    return {
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
        **(extra or {}),
    }


def start(
    program: str | os.PathLike[str] | None = None,
    /,
    *args: str,
    module: str | None = None,
    python: str | os.PathLike[str] = sys.executable,
    env: Mapping[str, str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    home: str | os.PathLike[str] | None = None,
    display: str | None = None,
) -> App:
    """Starts an app, and waits for its first window: `with start("app.py") as app:`.

    Args:
        program: A script, whose name ends with `.py`, or an executable.
        args: Its arguments.
        module: Instead of `program`: a module or package, as for `python -m`.
        python: The interpreter of a script or module.
        env: Its variables, besides those of this process.
        folder: The folder that it runs in. Default: the current one.
        home: Where its data, cache and settings are. Default: a new folder, removed at the end.
            The app does not see those of the user who runs the tests.
        display: The value of `DISPLAY`, such as `":7"` or the name of a `Display`. Default: that
            of this process, and without one a `Display` of its own.

    Raises:
        FileNotFoundError: The program, WebKitWebDriver or Xvfb is not there. The error names the
            package to install.
        RuntimeError: The app has ended or shown no window. The error has what it has written.
    """
    if sys.platform != "linux":
        raise RuntimeError(
            "`transom.testing.webdriver` drives WebKitGTK, so it runs on Linux only: elsewhere "
            "test the commands of the app with `TestApp`"
        )
    command = _command(program, args, module, os.fspath(python))
    with ExitStack() as ends:
        if home is None:
            temporary = tempfile.TemporaryDirectory(
                prefix="transom-test-", ignore_cleanup_errors=True
            )
            home = ends.enter_context(temporary)
        place = Path(home).absolute()
        place.mkdir(parents=True, exist_ok=True)
        variables = environment(place)
        if display is not None:
            variables |= {"DISPLAY": display, "WAYLAND_DISPLAY": "", "GDK_BACKEND": "x11"}
        elif not has_display():
            variables |= ends.enter_context(Display()).environment()
        code = place / "exit-code"
        code.unlink(missing_ok=True)
        at = None if folder is None else Path(folder)
        driver = Driver(place / "output.log", variables | dict(env or {}), at)
        ends.callback(driver.close)
        launcher = ["-I", "-S", _launch.__file__, str(code), *command]
        _start_or_tell(driver, launcher, code)
        app = App(driver, code)
        app.end_with(ends.pop_all())
        return app


def _start_or_tell(driver: Driver, launcher: list[str], code: Path) -> None:
    """Starts the app. The driver itself would wait a minute for the window of one that has ended.

    Raises:
        RuntimeError: It has ended, or shown no window.
    """
    with ThreadPoolExecutor(1, "transom-webdriver") as threads:
        started = threads.submit(driver.start, sys.executable, launcher)
        while not started.done():
            if code.exists():
                driver.close()
                wait([started])
                raise RuntimeError(
                    f"the app ended with the code {code.read_text()} before it had a window:\n"
                    f"{driver.output()}"
                )
            wait([started], POLL)
        started.result()


def _command(
    program: str | os.PathLike[str] | None, args: tuple[str, ...], module: str | None, python: str
) -> list[str]:
    if (program is None) == (module is None):
        raise TypeError('give a program or a module: `start("app.py")`, `start(module="app")`')
    if module is not None:
        return [python, "-m", module, *args]
    path = Path(os.fspath(program or "")).absolute()
    if not path.is_file():
        raise FileNotFoundError(f"there is no program {str(path)!r} to start")
    return [python, str(path), *args] if path.suffix == ".py" else [str(path), *args]
