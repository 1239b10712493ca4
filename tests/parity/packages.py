"""Defines how PyTauri and Transom are imported, and how they differ by name."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import App, Finished, Page, PageError, environment, run_to_end, start, write_app

APPS = Path(__file__).parent / "apps"
IMPORT = re.compile(r"^(\s*(?:from|import) )pytauri(_wheel\.lib)?\b", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One of the two packages."""

    name: str
    """Root package, permission prefix and page global."""
    routing: str
    """The header that carries the command's name."""

    def source(self, name: str) -> str:
        """The source of an app, with this package's import names."""
        text = (APPS / f"{name}.py").read_text()
        return text if self is PEER else IMPORT.sub(rf"\1{self.name}", text)


PEER = Package("pytauri", "pyfunc")
TRANSOM = Package("transom", "transom")


class Parity:
    """Apps of one package, each in a folder of its own."""

    def __init__(self, package: Package, tmp: Path, python: str) -> None:
        self.package = package
        self._tmp, self._python = tmp, python
        self._count = itertools.count(1)
        self.apps: list[App] = []

    def capability(self, windows: list[str], *permissions: str) -> dict[str, Any]:
        """A capability; `python:default` stands for the package's own permission."""
        own = [p.replace("python:", f"{self.package.name}:") for p in permissions]
        return {"identifier": f"c-{len(permissions)}", "windows": windows, "permissions": own}

    def _write(self, name: str, files: dict[str, Any]) -> tuple[Path, Path]:
        home = self._tmp / f"app-{next(self._count)}"
        default = self.capability(["*"], "core:default", "python:default")
        files = {"capabilities": {"default": default}} | files
        return home, write_app(home / "app", self.package.source(name), **files)

    def start(self, name: str, env: Mapping[str, str] | None = None, **files: Any) -> App:
        """Starts `apps/<name>.py` under WebDriver; `files` as in `harness.write_app`."""
        home, script = self._write(name, files)
        app = start(script, home / "output.log", environment(home, env), self._python)
        self.apps.append(app)
        return app

    def run(self, name: str, env: Mapping[str, str] | None = None, **files: Any) -> Finished:
        """Runs `apps/<name>.py` to its end, without a driver."""
        home, script = self._write(name, files)
        return run_to_end(script, environment(home, env), python=self._python)

    def close(self) -> None:
        for app in self.apps:
            app.driver.close()

    def told(self, name: str, env: Mapping[str, str] | None = None, **files: Any) -> dict[str, Any]:
        """What an app that ran to its end has printed as `{"key": …}` lines, put together."""
        found: dict[str, Any] = {}
        done = self.run(name, env, **files)
        for line in done.output.splitlines():
            if line.startswith("{"):
                found |= json.loads(line)
        return {"exit code": done.code, "output": done.output} | found


def run(page: Page, source: str, *args: Any) -> Any:
    """Runs JavaScript with `pyInvoke` in scope. `PageError.message` is what it rejected with."""
    prelude = (
        "const {pyInvoke} = window.__TAURI__.transom ?? window.__TAURI__.pytauri;"
        "const {Channel} = window.__TAURI__.core; const {listen} = window.__TAURI__.event;"
        "const {emit} = window.__TAURI__.event;\n"
    )
    return page.run(prelude + source, *args)


def invoke(page: Page, command: str, *body: Any) -> Any:
    """`await pyInvoke(command, body)`."""
    return run(page, "return await pyInvoke(args[0], ...args[1])", command, list(body))


def rejection(page: Page, command: str, *body: Any) -> str:
    """The text that the call's promise is rejected with."""
    try:
        value = invoke(page, command, *body)
    except PageError as error:
        return error.message
    raise AssertionError(f"{command} was expected to fail and returned {value!r}")
