"""Runs apps under test: a folder on disk, a running process, and its pages.

This is one file because each of the three is made from the one before it.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from webdriver import Driver, WebDriverError, wait_for

Json: TypeAlias = Any

APPS = Path(__file__).parent / "apps"

# Values cross as JSON text (the driver's own form loses keys such as `__proto__`), bytes and errors
# in a form of ours. The source is put in as text, not evaluated on
# the page, so that it runs under a Content-Security-Policy too.
_RUN = """
const done = arguments[arguments.length - 1];
const [args] = arguments;
const encode = (v) => {
  if (v instanceof ArrayBuffer) v = new Uint8Array(v);
  if (v instanceof Uint8Array) {
    let text = "";
    for (let i = 0; i < v.length; i += 8192)
      text += String.fromCharCode(...v.subarray(i, i + 8192));
    return {$bytes: btoa(text)};
  }
  if (v instanceof Error) {
    const {name, message, code, retryable, command, window, details} = v;
    return {$error: {name, message, code, retryable, command, window, details}};
  }
  if (Array.isArray(v)) return v.map(encode);
  if (v && typeof v === "object") {
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, encode(x)]));
  }
  return v === undefined ? null : v;
};
const decode = (v) => {
  if (Array.isArray(v)) return v.map(decode);
  if (v && typeof v === "object") {
    if ("$bytes" in v) return Uint8Array.from(atob(v.$bytes), (c) => c.charCodeAt(0));
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, decode(x)]));
  }
  return v;
};
(async (args, transom) => {
%s
})(decode(JSON.parse(args)), window.__TAURI__?.transom).then(
  (v) => done(JSON.stringify({ok: true, value: encode(v)})),
  (e) => done(JSON.stringify({ok: false, value: encode(e)})),
);
"""

# Has a page count in `window.requests` the calls that it sends as requests.
COUNT_REQUESTS = """
const {fetch} = window;
window.requests = 0;
window.fetch = (url, ...rest) => {
  if (decodeURIComponent(String(url)).includes("transom|call")) window.requests += 1;
  return fetch(url, ...rest);
};
"""


@dataclass
class PageError(Exception):
    """What a promise on the page was rejected with.

    `code` and what follows it are `None` unless the page rejected with an `InvokeError`.
    """

    message: str
    name: str | None = None
    code: str | None = None
    retryable: bool | None = None
    command: str | None = None
    window: str | None = None
    details: Json = None

    def __str__(self) -> str:
        return f"{self.name}[{self.code}]: {self.message}"


def _to_page(value: Json) -> Json:
    if isinstance(value, bytes | bytearray):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Json]", value)
        return {key: _to_page(item) for key, item in items.items()}
    if isinstance(value, list | tuple):
        return [_to_page(item) for item in cast("Sequence[Json]", value)]
    return value


def _from_page(value: Json) -> Json:
    if isinstance(value, dict):
        items = cast("dict[str, Json]", value)
        if "$bytes" in items:
            return base64.b64decode(items["$bytes"])
        if "$error" in items:
            return PageError(**items["$error"])
        return {key: _from_page(item) for key, item in items.items()}
    if isinstance(value, list):
        return [_from_page(item) for item in cast("list[Json]", value)]
    return value


class Page:
    """One window of a running app, found by its label."""

    def __init__(self, driver: Driver, handle: str, label: str) -> None:
        self.driver = driver
        self.handle = handle
        self.label = label

    def focus(self) -> Driver:
        """Makes this window the driver's current one."""
        self.driver.switch(self.handle)
        return self.driver

    def run(self, source: str, *args: Json) -> Json:
        """Runs the body of an async function `(args, transom)` and returns what it resolves to.

        `bytes` go in as `Uint8Array` and come back from `ArrayBuffer`; an `Error` that is
        returned comes back as a `PageError`, one that is thrown is raised as such.
        """
        script = _RUN.replace("%s", source, 1)
        answer = json.loads(self.focus().execute_async(script, json.dumps(_to_page(list(args)))))
        value = _from_page(answer["value"])
        if answer["ok"]:
            return value
        raise value if isinstance(value, PageError) else PageError(str(value))

    def run_last(self, statements: str) -> None:
        """Runs statements after which this window may be gone, and with it the driver's answer."""
        with suppress(WebDriverError):
            self.focus().execute(f"setTimeout(() => {{ {statements} }})")

    def invoke(self, command: str, *body: Json, **options: Json) -> Json:
        """`pyInvoke(command, body, options)`; without `body` none is sent."""
        return self.run(
            "const [name, body, options] = args;"
            "return await transom.pyInvoke(name, body[0], options ?? undefined)",
            command,
            list(body),
            options or None,
        )

    def failure(self, command: str, *body: Json, **options: Json) -> PageError:
        """The error that the call is rejected with; a call that succeeds fails the test."""
        try:
            value = self.invoke(command, *body, **options)
        except PageError as error:
            return error
        raise AssertionError(f"{command} was expected to fail and returned {value!r}")

    def wait_until(self, expression: str, timeout: float = 20.0) -> Json:
        """Polls a JavaScript expression until it is true, and returns its value."""
        return wait_for(
            lambda: self.focus().execute(f"return ({expression})"), timeout, f"`{expression}`"
        )

    def reload(self) -> None:
        """Reloads the document and waits until the next one has Tauri's script."""
        self.focus().execute("window.__before = true; location.reload()")
        self.wait_until("!window.__before && document.readyState === 'complete'")


class App:
    """A running app under WebDriver, with its pages by label."""

    def __init__(self, folder: Path, driver: Driver) -> None:
        self.folder = folder
        self.driver = driver
        self._handles: dict[str, str] = {}

    def _find(self, label: str) -> str | None:
        handles = self.driver.handles()
        if (known := self._handles.get(label)) in handles:
            return known
        for handle in handles:
            self.driver.switch(handle)
            found = self.driver.execute(
                "return window.__TAURI_INTERNALS__?.metadata?.currentWebview?.label"
                " && document.readyState !== 'loading'"
                " ? window.__TAURI_INTERNALS__.metadata.currentWebview.label : null"
            )
            if found is not None:
                self._handles[found] = handle
            if found == label:
                return handle
        return None

    def page(self, label: str = "main", timeout: float = 30.0) -> Page:
        """The window with this label, waited for."""
        try:
            handle = wait_for(lambda: self._find(label), timeout, f"window `{label}`")
        except TimeoutError as error:
            raise AssertionError(f"{error}\n--- output of the app ---\n{self.output()}") from None
        if handle is None:
            raise AssertionError("wait_for returns what is true")
        return Page(self.driver, handle, label)

    def wait_gone(self, label: str, timeout: float = 20.0) -> None:
        """Waits until no window has this label."""
        handle = self._handles.pop(label, None) or self._find(label)
        wait_for(lambda: handle not in self.driver.handles(), timeout, f"end of window `{label}`")

    def output(self) -> str:
        """What the app has written to its standard streams."""
        return self.driver.output()

    def wait_output(self, text: str, timeout: float = 20.0) -> str:
        """Waits until the app has written `text`; returns all output."""
        wait_for(lambda: text in self.output(), timeout, f"output {text!r}")
        return self.output()


@dataclass(frozen=True)
class Finished:
    """A process that has ended by itself."""

    code: int
    output: str
    folder: Path
    ended: float

    def after(self, name: str) -> float:
        """Seconds from the time in a file of the app's folder to the end."""
        return self.ended - float((self.folder / name).read_text())


def write_app(
    folder: Path,
    source: str,
    *,
    config: Mapping[str, Json] | None = None,
    capabilities: Mapping[str, Json] | None = None,
    html: str | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Writes an app folder and returns its `app.py`.

    `source` is the name of a folder in `apps/` or the text of an `app.py`. What the folder does
    not bring is added: a configuration with one window `main` (changed by `config`, a JSON merge
    patch), a capability that grants `core:default` and `transom:default` to every window (or the
    files in `capabilities`, by name; `{}` for none), and an empty page. `files` go before all of
    these, and a `Tauri.toml` among them is the configuration.
    """
    if "\n" in source:
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(source)
    else:
        shutil.copytree(APPS / source, folder)
    for name, text in (files or {}).items():
        _write_new(folder / name, text)
    settings = _merge(_default_config(), config or {})
    if not (folder / "Tauri.toml").exists():
        _write_new(folder / "tauri.conf.json", json.dumps(settings, indent=2))
    if capabilities is None:
        capabilities = {"default": _default_capability()}
    for name, capability in capabilities.items():
        _write_new(folder / "capabilities" / f"{name}.json", json.dumps(capability))
    page = html or "<!doctype html><meta charset=utf-8><title>transom</title><body></body>"
    _write_new(folder / "frontend" / "index.html", page)
    return folder / "app.py"


def _write_new(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_text(text)


def _default_config() -> dict[str, Json]:
    window = {"label": "main", "title": "main", "width": 800, "height": 600, "url": "index.html"}
    return {
        "productName": "transom-e2e",
        "version": "0.0.0",
        "identifier": "dev.transom.e2e",
        "build": {"frontendDist": "frontend"},
        "app": {"withGlobalTauri": True, "windows": [window]},
    }


def _default_capability() -> dict[str, Json]:
    permissions = ["core:default", "transom:default"]
    return {"identifier": "default", "windows": ["*"], "permissions": permissions}


def _merge(base: Json, patch: Json) -> Json:
    if not isinstance(patch, Mapping):
        return patch
    result: dict[str, Json] = dict(base) if isinstance(base, Mapping) else {}  # pyright: ignore[reportUnknownArgumentType]
    for key, value in cast("Mapping[str, Json]", patch).items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge(result.get(key), value)
    return result


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of an app under test: its own data folders, and unbuffered output."""
    return {
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
        **(extra or {}),
    }


def start(script: Path, log: Path, env: Mapping[str, str], python: str = sys.executable) -> App:
    """Starts `script` under a driver of its own."""
    driver = Driver(log, env)
    try:
        driver.start(python, [str(script)])
    except BaseException:
        driver.close()
        raise
    return App(script.parent, driver)


def run_to_end(
    script: Path, env: Mapping[str, str], timeout: float = 60.0, python: str = sys.executable
) -> Finished:
    """Runs `script` without a driver until it ends by itself.

    A process that outlives `timeout` is killed, and the test fails with its output.
    """
    # Into a file: a pipe ends with the last process that has it, which may be one of WebKit's.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [python, str(script)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            code = None
        ended = time.time()
        process.wait()
        log.seek(0)
        output = log.read().decode(errors="replace")
    if code is None:
        raise AssertionError(f"the app had not ended after {timeout} s:\n{output}")
    return Finished(code, output, script.parent, ended)


class Starter:
    """Starts apps in folders of their own and ends them all."""

    def __init__(self, tmp: Path) -> None:
        self._tmp = tmp
        self._count = itertools.count(1)
        self.apps: list[App] = []

    def start(self, source: str, *, env: dict[str, str] | None = None, **files: Any) -> App:
        """Writes the app (see `write_app`) and starts it under WebDriver."""
        home = self._tmp / f"app-{next(self._count)}"
        script = write_app(home / "app", source, **files)
        log = home / "output.log"
        app = start(script, log, environment(home, env))
        self.apps.append(app)
        return app

    def run(
        self,
        source: str,
        *,
        env: dict[str, str] | None = None,
        timeout: float = 60.0,
        **files: Any,
    ) -> Finished:
        """Writes the app and runs it without a driver until it ends by itself."""
        home = self._tmp / f"app-{next(self._count)}"
        script = write_app(home / "app", source, **files)
        return run_to_end(script, environment(home, env), timeout)

    def close(self) -> None:
        """Ends what still runs."""
        for app in self.apps:
            app.driver.close()


StartApp: TypeAlias = Callable[..., App]
RunApp: TypeAlias = Callable[..., Finished]
