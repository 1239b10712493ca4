"""Runs apps under test: a folder on disk, a running process, and its pages.

This is one file because each of the three is made from the one before it.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from transom.testing import webdriver
from transom.testing.webdriver import Driver, Page, PageError, environment

__all__ = ["Page", "PageError", "environment"]  # what tests know as the harness's

Json: TypeAlias = Any

APPS = Path(__file__).parents[1] / "apps"
NO_FETCH = "window.fetch = () => Promise.reject(new TypeError('no fetch in this test'));"
"""A script after which a page has to do without `fetch`."""

# Has a page count in `window.requests` the calls that it sends as requests.
COUNT_REQUESTS = """
const {fetch} = window;
window.requests = 0;
window.fetch = (url, ...rest) => {
  if (decodeURIComponent(String(url)).includes("transom|call")) window.requests += 1;
  return fetch(url, ...rest);
};
"""


class App(webdriver.App):
    """A running app under WebDriver, with its folder."""

    def __init__(self, folder: Path, driver: Driver) -> None:
        super().__init__(driver)
        self.folder = folder


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


def start(script: Path, log: Path, env: Mapping[str, str], python: str = sys.executable) -> App:
    """Starts `script` under a driver of its own.

    Once in some thousand starts the driver has given no session for three minutes, and it is not
    known why. So an app that wrote nothing meanwhile is started once more.
    """
    try:
        return _start(script, log, env, python)
    except RuntimeError as error:
        if not isinstance(error.__cause__, TimeoutError) or log.read_bytes():
            raise
        print(f"started once more: {error}")
    return _start(script, log, env, python)


def _start(script: Path, log: Path, env: Mapping[str, str], python: str) -> App:
    driver = Driver(log, env)
    try:
        driver.start(python, [str(script)])
    except BaseException:
        driver.close()
        raise
    return App(script.parent, driver)


def run_to_end(
    script: Path, env: Mapping[str, str], timeout: float = 300.0, python: str = sys.executable
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
        timeout: float = 300.0,
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
