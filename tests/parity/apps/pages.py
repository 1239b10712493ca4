"""Test app: many commands, written for PyTauri's API.

This is one file because it is one app, which the tests of parity start as a whole.
"""

import logging
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import anyio
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel, ConfigDict, RootModel
from pydantic.alias_generators import to_camel
from pytauri import (
    AppHandle,
    Commands,
    Emitter,
    Event,
    EventTarget,
    Listener,
    Manager,
    Position,
    Size,
    State,
    WebviewUrl,
    WindowEvent,
)
from pytauri.ipc import Channel, Headers, InvokeException, JavaScriptChannelId
from pytauri.webview import WebviewWindow, WebviewWindowBuilder
from pytauri_wheel.lib import builder_factory, context_factory

logging.basicConfig(format="LOG %(levelname)s %(name)s: %(message)s")
commands = Commands()


class Line(BaseModel):
    sku: str
    count: int


class Order(BaseModel):
    customer: str
    lines: list[Line] = []


class Person(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    given_name: str


class Note(BaseModel):
    text: str


Names = RootModel[list[str]]


@dataclass
class Point:
    x: float
    y: float


class Counter:
    value = 0


class Absent:
    """Never managed."""


@commands.command()
async def flip(body: bytes) -> bytes:
    return body[::-1]


@commands.command()
async def same_order(body: Order) -> Order:
    return body


@commands.command()
async def count(body: Order) -> int:
    return sum(line.count for line in body.lines)


@commands.command()
async def backwards(body: Names) -> Names:
    return Names(body.root[::-1])


@commands.command()
async def next_year(body: datetime) -> datetime:
    return body.replace(year=body.year + 1)


@commands.command()
async def maybe(body: int | None) -> str:
    return repr(body)


@commands.command()
async def either(body: int | list[str]) -> str:
    return repr(body)


@commands.command()
async def mirrored(body: Point) -> Point:
    return Point(body.y, body.x)


@commands.command()
async def doubled(body: dict[str, int]) -> dict[str, int]:
    return {key: value * 2 for key, value in body.items()}


@commands.command()
async def anything(body: Any) -> Any:
    return body


@commands.command()
async def with_default(body: int = 5) -> int:
    return body


@commands.command()
async def named(body: Person) -> Person:
    return body


@commands.command()
async def nothing() -> None:
    pass


@commands.command()
def plain(body: int) -> int:
    return body + 1


@commands.command()
async def wrong_return() -> int:
    return "no number"


@commands.command()
async def refuse(body: str) -> None:
    raise InvokeException(body)


@commands.command()
async def boom() -> None:
    raise ValueError("boom", 7)


@commands.command()
async def leave() -> None:
    sys.exit(3)


@commands.command()
async def register(body: str) -> None:
    async def later() -> str:
        return f"later {body}"

    commands.set_command(body, later)


@commands.command()
async def unregister(body: str) -> bool:
    del commands[body]
    return body in commands


@commands.command()
async def echo_headers(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]


class Service:
    prefix = "hello, "

    async def greet(self, body: str) -> str:
        return self.prefix + body


commands.command()(Service().greet)

waiting = 0


@commands.command()
async def meet(body: int) -> int:
    """Returns once `body` calls are inside."""
    global waiting
    waiting += 1
    with anyio.fail_after(120):
        while waiting < body:  # noqa: ASYNC110 - each call looks for itself
            await anyio.sleep(0.01)
    return waiting


@commands.command()
async def whereabouts(
    webview_window: WebviewWindow, body: bytes, app_handle: AppHandle
) -> list[str]:
    found = Manager.get_webview_window(app_handle, "main")
    assert found is not None
    return [webview_window.label(), found.label(), *sorted(Manager.webview_windows(app_handle))]


@commands.command()
async def bump(body: int, counter: Annotated[Counter, State()]) -> int:
    counter.value += body
    return counter.value


@commands.command()
async def two_states(
    note: Annotated[Note, State()], counter: Annotated[Counter, State()]
) -> list[str]:
    return [note.text, type(counter).__name__]


@commands.command()
async def needs_absent(thing: Annotated[Absent, State()]) -> None:
    pass


@commands.command()
async def manage(app_handle: AppHandle, webview_window: WebviewWindow) -> list[Any]:
    first = Manager.state(app_handle, Counter)
    again = Manager.manage(app_handle, Counter())
    try:
        Manager.state(app_handle, Absent)
        text = ""
    except ValueError as error:
        text = str(error)
    return [
        again,
        Manager.state(webview_window, Counter) is first,
        Manager.try_state(app_handle, Absent) is None,
        text,
        Manager.app_handle(webview_window) is Manager.app_handle(app_handle),
        Manager.get_webview_window(app_handle, "nobody") is None,
    ]


class Download(BaseModel):
    url: str
    channel: JavaScriptChannelId[Note]


def fill(channel: Channel[Note]) -> None:
    channel.send('{"text": "json"}')
    channel.send(b"\x00\xff")
    for number in range(200):
        channel.send_model(Note(text=str(number)))


@commands.command()
async def channel_body(body: JavaScriptChannelId[Note], webview_window: WebviewWindow) -> int:
    channel = body.channel_on(webview_window.as_ref_webview())
    await anyio.to_thread.run_sync(fill, channel)
    return channel.id()


kept: list[Channel[Note]] = []


@commands.command()
async def keep_channel(body: JavaScriptChannelId[Note], webview_window: WebviewWindow) -> None:
    kept.append(body.channel_on(webview_window.as_ref_webview()))


@commands.command()
async def send_to_kept() -> str:
    try:
        kept[-1].send("{}")
    except RuntimeError as error:
        return str(error)
    return ""


@commands.command()
async def channel_field(body: Download, webview_window: WebviewWindow) -> str:
    channel = body.channel.channel_on(webview_window.as_ref_webview())
    channel.send_model(Note(text=body.url))
    return body.url


@commands.command()
async def bad_channel(body: str) -> str:
    try:
        JavaScriptChannelId.from_str(body)
    except ValueError as error:
        return str(error)
    return ""


@commands.command()
async def emit(body: str, app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    target = EventTarget.WebviewWindow("main")
    if body == "emit":
        Emitter.emit(app_handle, "note", Note(text=body))
    elif body == "str":
        Emitter.emit_str(webview_window, "note", '{"text": "str"}')
    elif body == "to":
        Emitter.emit_to(app_handle, target, "note", Note(text=body))
    elif body == "str_to":
        Emitter.emit_str_to(app_handle, target, "note", '{"text": "str_to"}')
    elif body == "filter":
        Emitter.emit_filter(app_handle, "note", Note(text=body), lambda _target: True)
    else:
        Emitter.emit_str_filter(app_handle, "note", '{"text": "x"}', lambda _target: False)


heard: list[str] = []
listeners: list[int] = []


@commands.command()
async def listen(body: str, app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    def handler(event: Event) -> None:
        heard.append(f"{body} {event.id in listeners or body.startswith('once')} {event.payload}")

    if body == "listen":
        listeners.append(Listener.listen(app_handle, "said", handler))
    elif body == "listen_any":
        listeners.append(Listener.listen_any(webview_window, "said", handler))
    elif body == "once":
        Listener.once(app_handle, "said", handler)
    else:
        Listener.once_any(app_handle, "said", handler)


@commands.command()
async def unlisten(app_handle: AppHandle) -> None:
    while listeners:
        Listener.unlisten(app_handle, listeners.pop())


@commands.command()
async def take_heard() -> list[str]:
    found = sorted(heard)
    heard.clear()
    return found


@commands.command()
async def evaluate(body: str, webview_window: WebviewWindow) -> bool:
    return webview_window.eval(body) is None


class NewWindow(BaseModel):
    label: str
    url: str = "index.html"
    external: bool = False
    title: str = "new"


@commands.command()
async def open_window(body: NewWindow, app_handle: AppHandle) -> str:
    url = WebviewUrl.External(body.url) if body.external else WebviewUrl.App(body.url)
    window = WebviewWindowBuilder.build(
        app_handle, body.label, url, title=body.title, inner_size=(320.0, 240.0), resizable=False
    )
    return window.label()


@commands.command()
async def open_by_class(body: str, app_handle: AppHandle) -> str:
    return WebviewWindow(app_handle, body, WebviewUrl.App("index.html"), visible=False).label()


@commands.command()
async def open_from_config(body: dict[str, Any], app_handle: AppHandle) -> str:
    return WebviewWindowBuilder.from_config(app_handle, body, title="from config").label()


@commands.command()
async def bad_url(app_handle: AppHandle) -> str:
    try:
        url = WebviewUrl.External("no url")
        WebviewWindowBuilder.build(app_handle, "new-4", url)
    except ValueError:
        return "ValueError"
    return ""


events: list[str] = []


@commands.command()
async def watch(body: str, app_handle: AppHandle) -> None:
    """Notes a window's events, and keeps it open the first time."""
    window = Manager.get_webview_window(app_handle, body)
    assert window is not None

    def handler(event: Any) -> None:
        match event:
            case WindowEvent.Resized((width, height)):
                events.append(f"resized {width}x{height}")
            case WindowEvent.CloseRequested(api):
                if "prevented" not in events:
                    api.prevent_close()
                    events.append("prevented")
                else:
                    events.append("let go")
            case WindowEvent.Destroyed():
                events.append("destroyed")
            case _:
                pass

    window.on_window_event(handler)


@commands.command()
async def take_events() -> list[str]:
    return list(events)


@commands.command()
async def close_window(body: str, app_handle: AppHandle) -> None:
    window = Manager.get_webview_window(app_handle, body)
    assert window is not None
    window.close()


@commands.command()
async def destroy_window(body: str, app_handle: AppHandle) -> None:
    window = Manager.get_webview_window(app_handle, body)
    assert window is not None
    window.destroy()


@commands.command()
async def change_window(webview_window: WebviewWindow) -> list[Any]:
    window = webview_window
    before = window.title()
    window.set_title("changed")
    window.set_size(Size.Logical((500.0, 400.0)))
    window.set_position(Position.Physical((10, 20)))
    window.set_resizable(True)
    window.show()
    return [
        before,
        window.title(),
        window.is_visible(),
        window.is_resizable(),
        window.is_fullscreen(),
        window.scale_factor(),
        len(window.outer_position()),
        window.url().startswith("tauri://localhost"),
    ]


@commands.command()
async def sizes(webview_window: WebviewWindow) -> list[int]:
    return list(webview_window.inner_size())


def set_up(app_handle: AppHandle) -> None:
    Manager.manage(app_handle, Counter())
    Manager.manage(app_handle, Note(text="managed"))


if __name__ == "__main__":
    with start_blocking_portal(os.environ.get("PARITY_LOOP", "asyncio")) as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent),
            invoke_handler=commands.generate_handler(portal),
            setup=set_up,
        )
        app.run_return()
