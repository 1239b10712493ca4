"""Implements the part of the W3C WebDriver protocol that the pages of an app need.

One `Driver` is one WebKitWebDriver process with one session, and that session is one app with all
its windows.
"""

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from ._waiting import WebDriverError, wait_for

DriverMethod: TypeAlias = Callable[..., Any]

_ELEMENT_KEY: Final = "element-6066-11e4-a52e-4f735466cecf"


def _reserve_port() -> tuple[int, socket.socket]:
    """A TCP port of the loopback interface that nobody listens on, and what keeps other drivers
    from it, also those of other processes, until it is closed.
    """
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # A name of the kernel's own, which is no file and ends with its process.
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0transom-webdriver-{port}")
        except OSError:
            reservation.close()
            continue
        return port, reservation


class Element:
    """An element of a page."""

    def __init__(self, call: DriverMethod, ref: str) -> None:
        """`call(method, path, body)` sends a request about the page that it is on."""
        self._call = call
        self._path = f"/element/{ref}"
        self._ref = ref

    def as_argument(self) -> dict[str, str]:
        """The form in which a script takes this element as an argument."""
        return {_ELEMENT_KEY: self._ref}

    @property
    def text(self) -> str:
        """The text as it is rendered."""
        return self._call("GET", f"{self._path}/text")

    def attribute(self, name: str) -> str | None:
        """The attribute `name`, or `None`."""
        return self._call("GET", f"{self._path}/attribute/{name}")

    def click(self) -> None:
        """Scrolls the element into view and clicks its centre."""
        self._call("POST", f"{self._path}/click", {})

    def type(self, text: str) -> None:
        """Types `text` key by key."""
        self._call("POST", f"{self._path}/value", {"text": text})

    def clear(self) -> None:
        """Empties a form field."""
        self._call("POST", f"{self._path}/clear", {})


def find(call: DriverMethod, css: str) -> Element:
    """The first element that matches; raises `no such element`."""
    found = call("POST", "/element", {"using": "css selector", "value": css})
    return Element(call, found[_ELEMENT_KEY])


def find_all(call: DriverMethod, css: str) -> list[Element]:
    """All elements that match."""
    found = call("POST", "/elements", {"using": "css selector", "value": css})
    return [Element(call, item[_ELEMENT_KEY]) for item in found]


class Driver:
    """WebKitWebDriver, started for one app and ended with it."""

    def __init__(
        self, log: Path, env: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        """Starts the driver. The app will run in `folder` (default: the current one) with `env`
        besides the variables of this process; its standard streams end up in the file `log` too.

        Raises:
            FileNotFoundError: WebKitWebDriver is not installed. The error names its package.
        """
        program = shutil.which("WebKitWebDriver")
        if program is None:
            raise FileNotFoundError(
                "WebKitWebDriver is not installed: on Debian and Ubuntu, `apt install "
                "webkit2gtk-driver` (after Debian 13 `webkitgtk-webdriver`); on Fedora and Arch it "
                "comes with webkit2gtk-4.1"
            )
        self.log: Path = log
        self._port, self._reservation = _reserve_port()
        self._session: str | None = None
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [program, f"--port={self._port}", "--host=127.0.0.1"],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                # The app inherits this environment; the variable makes Tauri accept the session.
                env={**os.environ, **(env or {}), "TAURI_WEBVIEW_AUTOMATION": "true"},
            )
        wait_for(self._ready, 60.0, "WebKitWebDriver")

    def _ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"WebKitWebDriver ended at once:\n{self.output()}")
        try:
            return bool(self._request("GET", "/status", None, timeout=10.0)["ready"])
        except OSError:
            return False

    def output(self) -> str:
        """What driver and app have written so far."""
        return self.log.read_text(errors="replace")

    def _request(self, method: str, path: str, body: object, timeout: float = 180.0) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            payload = None if body is None else dumps(body)
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            answer = loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict):
            fields = cast("dict[str, Any]", answer)
            if "error" in fields and "stacktrace" in fields:
                raise WebDriverError(str(fields["error"]), str(fields.get("message", "")))
        return cast("Any", answer)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """A request inside the session; `path` begins after the session's id."""
        if self._session is None:
            raise RuntimeError("no app has been started on this driver")
        return self._request(method, f"/session/{self._session}{path}", body)

    def start(self, binary: str, args: Sequence[str], script_timeout: float = 170.0) -> None:
        """Starts `binary` with `args` and takes over its first window.

        Raises:
            RuntimeError: It has ended, or shown no window. The error has what it has written.
        """
        options = {"binary": binary, "args": list(args)}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        try:
            self._session = self._request("POST", "/session", wanted)["sessionId"]
        except (WebDriverError, OSError) as error:
            raise RuntimeError(f"the app did not start ({error}):\n{self.output()}") from error
        self.call("POST", "/timeouts", {"script": int(script_timeout * 1000)})

    def close(self) -> None:
        """Ends the session, the driver and the app."""
        apps = [] if self._process.poll() is not None else _children_of(self._process.pid)
        if self._session is not None:
            with suppress(WebDriverError, OSError):
                self.call("DELETE", "")
            self._session = None
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # The driver kills its app after it has said that the session is over, if it comes to it.
        for app in apps:
            with suppress(OSError):
                signal.pidfd_send_signal(app, signal.SIGKILL)
            os.close(app)
        self._reservation.close()

    def handles(self) -> list[str]:
        """The handles of all windows; those that the app opens later are among them."""
        return self.call("GET", "/window/handles")

    def switch(self, handle: str) -> None:
        """Makes the window of `handle` the current one."""
        self.call("POST", "/window", {"handle": handle})

    def execute(self, script: str, *args: object) -> Any:
        """Runs the body of a function in the current page; its `return` is the result."""
        return self.call("POST", "/execute/sync", {"script": script, "args": args})

    def execute_async(self, script: str, *args: object) -> Any:
        """Like `execute`; the last of `arguments` is the function that takes the result."""
        return self.call("POST", "/execute/async", {"script": script, "args": args})

    def find(self, css: str) -> Element:
        """The first element that matches; raises `no such element`."""
        return find(self.call, css)

    def find_all(self, css: str) -> list[Element]:
        """All elements that match."""
        return find_all(self.call, css)

    def title(self) -> str:
        """The title of the current document."""
        return self.call("GET", "/title")

    def url(self) -> str:
        """The address of the current document."""
        return self.call("GET", "/url")

    def navigate(self, url: str) -> None:
        """Loads `url` in the current window and waits for it."""
        self.call("POST", "/url", {"url": url})

    def close_window(self) -> None:
        """Closes the current window from outside."""
        self.call("DELETE", "/window")

    def set_size(self, width: int, height: int) -> None:
        """Resizes the current window, in logical pixels."""
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def screenshot(self, file: Path) -> Path:
        """Saves the current page's viewport as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))
        return file


def _children_of(process: int) -> list[int]:
    """The processes that a process has started itself, as descriptors that no other can have."""
    found = list[int]()
    for threads in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += [os.pidfd_open(int(child)) for child in threads.read_text().split()]
    return found
