"""Test app: sends values in every way, among them values that JSON cannot express."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import trio
from pydantic import BaseModel, ConfigDict

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Event,
    Listener,
    Position,
    Size,
    WebviewUrl,
    WebviewUrlType,
)
from transom.ipc import JavaScriptChannelId
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()
heard: list[str] = []
LARGE = 2**53 + 1


class Odd(BaseModel):
    """With a value that pydantic writes as it stands, also where JSON has no word for it."""

    model_config = ConfigDict(ser_json_inf_nan="constants")
    value: int | float | str | None = None


VALUES = {"nan": float("nan"), "infinity": float("-inf"), "large": LARGE}


async def result(body: str) -> Odd:
    return Odd(value=VALUES[body])


def result_in_thread(body: str) -> Odd:
    return Odd(value=VALUES[body])


async def items(body: str) -> AsyncIterator[Odd]:
    yield Odd(value=1)
    yield Odd(value=VALUES[body])


def items_in_thread(body: str) -> Iterator[Odd]:
    yield Odd(value=1)
    yield Odd(value=VALUES[body])


for command in (result, result_in_thread, items, items_in_thread):
    commands.command()(command)
    commands.command(f"{command.__name__}_in_process", executor="process")(command)


class Send(BaseModel):
    name: str
    channel: JavaScriptChannelId[Odd]


def refused(send: Callable[[Any], object], value: Any) -> str:
    try:
        send(Odd(value=value))
    except ValueError as error:
        send(Odd(value="after"))
        return str(error)
    return "sent"


def by_channel(body: Send, ctx: CallContext) -> str:
    return refused(body.channel.channel_on(ctx).send_model, VALUES[body.name])


def by_event(body: str, ctx: CallContext) -> str:
    return refused(lambda model: ctx.emit("told", model), VALUES[body])


for command in (by_channel, by_event):
    commands.command()(command)
    commands.command(f"{command.__name__}_in_process", executor="process")(command)


@commands.command()
async def by_emitter(body: str, app_handle: AppHandle) -> str:
    return refused(lambda model: Emitter.emit(app_handle, "told", model), VALUES[body])


class Written(BaseModel):
    """A model that is JSON text already."""

    text: str

    def model_dump_json(self, **_: Any) -> str:
        return self.text


class Texts(BaseModel):
    texts: list[str]
    channel: JavaScriptChannelId[Written]


@commands.command()
async def send_texts(body: Texts, ctx: CallContext, app_handle: AppHandle) -> None:
    channel = body.channel.channel_on(ctx)
    for text in body.texts:
        channel.send(text)
        ctx.emit("told", Written(text=text))
        Emitter.emit_str(app_handle, "told", text)


@commands.command()
async def as_argument(body: str, webview_window: WebviewWindow) -> str:
    try:
        await webview_window.call("f", {"value": VALUES[body]})
    except ValueError as error:
        return str(error)
    return "called"


@commands.command()
async def ask(body: tuple[str, float], webview_window: WebviewWindow) -> str:
    """What Python got, as Python writes it: ASCII."""
    return await told(lambda: webview_window.call(body[0], timeout=body[1]))


async def told(asked: Callable[[], Awaitable[Any]]) -> str:
    try:
        value = await asked()
    except Exception as error:  # noqa: BLE001 - the test reads which one
        return ascii(f"{type(error).__name__}: {error}")
    return json.dumps(value)


@commands.command()
def ask_blocking(body: tuple[str, float], webview_window: WebviewWindow) -> str:
    return json.dumps(webview_window.blocking_call(body[0], timeout=body[1]))


@commands.command()
def ask_elsewhere(body: tuple[str, float, str], webview_window: WebviewWindow) -> str:
    """Asks on an event loop of its own."""
    name, timeout, library = body

    async def ask_here() -> str:
        return await told(lambda: webview_window.call(name, "a", timeout=timeout))

    return trio.run(ask_here) if library == "trio" else asyncio.run(ask_here())


@commands.command()
async def asking_elsewhere(app_handle: AppHandle) -> int:
    return sum(call.command == "ask_elsewhere" for call in app_handle.calls())


@commands.command()
async def echo(body: Any) -> Any:
    return body


def texts(window: WebviewWindow, app_handle: AppHandle) -> dict[str, Callable[[], object]]:
    """What is to be refused for a NUL character."""
    arguments: dict[str, Any] = {
        "title": "a\0b",
        "user_agent": "a\0b",
        "initialization_script": "window.ran = 1;\0window.ran = 2",
        "initialization_script_for_all_frames": "\0",
        "window_classname": "a\0",
        "data_directory": "a\0b",
        "extensions_path": Path("a\0b"),
        "additional_browser_args": "\0",
        "proxy_url": "http://localhost:1/a\0b",
    }
    return {
        "set_title": lambda: window.set_title("a\0b"),
        "eval": lambda: window.eval("window.ran = 1;\0window.ran = 2"),
        "navigate": lambda: window.navigate("https://localhost/a\0b"),
        "label": lambda: build(app_handle, label="a\0b"),
        "label with a space": lambda: WebviewWindow(app_handle, "a b", WebviewUrl.App("a")),
        "path": lambda: WebviewUrl.App("a\0b.html"),
        "half an address": lambda: build(app_handle, url=WebviewUrl.App("http://")),
        "configured colour": lambda: configured(app_handle, {"backgroundColor": "éé"}),
        "configured half": lambda: configured(app_handle, {"url": "//localhost:99999"}),
        "address": lambda: build(app_handle, url=WebviewUrl.External("https://localhost/\0")),
        "configuration": lambda: configured(app_handle, {"title": "a\0b"}),
        "configured label": lambda: configured(app_handle, {"label": "a b"}),
        **{name: partial(build, app_handle, **{name: it}) for name, it in arguments.items()},
    }


def numbers(window: WebviewWindow, app_handle: AppHandle) -> dict[str, Callable[[], object]]:
    """What is to be refused as no number for a window."""
    nan, large = float("nan"), 40_000
    inner: list[Any] = [(nan, 1), (float("inf"), 1), (-1, 1), (large, 1), (0, 1), (1e300, 1)]
    attempts: dict[str, Callable[[], object]] = {
        "zoom": lambda: window.set_zoom(nan),
        "no zoom": lambda: window.set_zoom(0.0),
        "much zoom": lambda: window.set_zoom(1e9),
        "background": lambda: window.set_background_color((256, 0, 0, 0)),
        "background of a new one": lambda: build(app_handle, background_color=(0, -1, 0, 0)),
        "badge": lambda: window.set_badge_count(1 << 70),
        "point": lambda: window.monitor_from_point(nan, 0.0),
        "point of the app": lambda: app_handle.monitor_from_point(0.0, float("inf")),
        "position": lambda: build(app_handle, position=(nan, 0)),
        "far position": lambda: build(app_handle, position=(1e6, 0)),
        "configured width": lambda: configured(app_handle, {"width": large}),
        "configured height": lambda: configured(app_handle, {"height": float("nan")}),
        "configured place": lambda: configured(app_handle, {"x": 1e6, "y": 0}),
        "unbounded maximum": lambda: build(app_handle, max_inner_size=(nan, 1)),
    }
    for sides in inner:
        attempts[f"inner {sides}"] = partial(build, app_handle, inner_size=sides)
        attempts[f"size {sides}"] = lambda sides=sides: window.set_size(Size.Logical(sides))
        if sides != (0, 1):
            attempts[f"least {sides}"] = partial(build, app_handle, min_inner_size=sides)
            least = partial(lambda sides: window.set_min_size(Size.Logical(sides)), sides)
            attempts[f"set least {sides}"] = least
    attempts["pixels"] = lambda: window.set_size(Size.Physical((large, large)))
    return attempts


def build(
    app_handle: AppHandle, label: str = "never", url: WebviewUrlType | None = None, **arguments: Any
) -> None:
    url = url or WebviewUrl.App("index.html")
    WebviewWindowBuilder.build(app_handle, label, url, **arguments)


def configured(app_handle: AppHandle, config: dict[str, Any]) -> None:
    WebviewWindowBuilder.from_config(app_handle, {"label": "never", **config})


@commands.command()
def give_to_windows(webview_window: WebviewWindow, app_handle: AppHandle) -> dict[str, str]:
    """What came of each attempt that was not refused by a `ValueError`."""
    outcomes = dict[str, str]()
    for attempts in (texts, numbers):
        for name, attempt in attempts(webview_window, app_handle).items():
            try:
                outcomes[name] = repr(attempt())
            except ValueError:
                continue
            except Exception as error:  # noqa: BLE001 - the test reads which one
                outcomes[name] = repr(error)
    return outcomes


@commands.command()
def what_windows_take(webview_window: WebviewWindow) -> str:
    webview_window.set_min_size(Size.Logical((0, 0)))
    webview_window.set_max_size(Size.Logical((100_000, 100_000)))
    webview_window.set_size(Size.Physical((640, 480)))
    webview_window.set_position(Position.Logical((-10, 20)))
    webview_window.set_zoom(1.0)
    webview_window.set_background_color((255, 255, 255, 255))
    webview_window.set_title("Größe")
    return webview_window.title()


@commands.command()
async def listen(app_handle: AppHandle) -> None:
    def take(event: Event) -> None:
        heard.append(event.payload)

    Listener.listen(app_handle, "from-page", take)


@commands.command("heard")
async def what_was_heard() -> list[str]:
    return heard


if __name__ == "__main__":
    backend = os.environ.get("PORTAL", "asyncio")
    sys.exit(transom.run(commands, Path(__file__).parent, backend=backend))
