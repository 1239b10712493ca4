"""Defines `Page`: one window of a running app, where a test clicks, types, runs JavaScript."""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from ._driver import Driver, Element, find, find_all
from ._waiting import WebDriverError, wait_for

Json: TypeAlias = Any

# Values cross as JSON text (the driver's own form loses keys such as `__proto__`), bytes and errors
# in a form of ours. The source is put in as text, not evaluated on
# the page, so that it runs under a Content-Security-Policy too.
_RUN: Final = """
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
        self.driver: Driver = driver
        self.handle: str = handle
        self.label: str = label

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
        answer = loads(self.focus().execute_async(script, dumps(_to_page(list(args)))))
        value = _from_page(answer["value"])
        if answer["ok"]:
            return value
        raise value if isinstance(value, PageError) else PageError(str(value))

    def execute(self, script: str, *args: Json) -> Json:
        """Runs the body of a plain function, whose `arguments` are `args`; its `return` is the
        result.
        """
        return self.focus().execute(script, *args)

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

    def _call(self, method: str, path: str, body: object = None) -> Any:
        return self.focus().call(method, path, body)

    def find(self, css: str, timeout: float = 60.0) -> Element:
        """The first element that matches, waited for. `TimeoutError`: there is none."""
        what = f"an element `{css}` in the window `{self.label}`"
        return wait_for(lambda: find(self._call, css), timeout, what)

    def find_all(self, css: str) -> list[Element]:
        """The elements that match now."""
        return find_all(self._call, css)

    def click(self, css: str) -> None:
        """Clicks the first element that matches, waited for."""
        self.find(css).click()

    def type(self, css: str, text: str) -> None:
        """Types into the first element that matches, waited for."""
        self.find(css).type(text)

    def text(self, css: str) -> str:
        """The text of the first element that matches, waited for."""
        return self.find(css).text

    def wait_text(self, css: str, text: str, timeout: float = 60.0) -> None:
        """Waits until the first element that matches has `text` in it."""
        what = f"{text!r} in `{css}` of the window `{self.label}`"
        wait_for(lambda: text in find(self._call, css).text, timeout, what)

    def title(self) -> str:
        """The title of the document."""
        return self.focus().title()

    def url(self) -> str:
        """The address of the document."""
        return self.focus().url()

    def screenshot(self, file: str | Path) -> Path:
        """Saves what the window shows of its page, as PNG; makes the folder of `file`."""
        return self.focus().screenshot(Path(file))

    def wait_until(self, expression: str, timeout: float = 60.0) -> Json:
        """Evaluates a JavaScript expression until it is true, and returns its value."""
        return wait_for(
            lambda: self.focus().execute(f"return ({expression})"), timeout, f"`{expression}`"
        )

    def reload(self) -> None:
        """Reloads the document and waits until the next one has Tauri's script."""
        self.focus().execute("window.__before = true; location.reload()")
        self.wait_until("!window.__before && document.readyState === 'complete'")
