"""Test app: Python uses the page's channels, events, eval and exposed functions."""

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Event,
    EventTarget,
    Listener,
    Manager,
    WebviewUrl,
    WindowClosed,
)
from transom.ipc import Channel, JavaScriptChannelId
from transom.webview import WebviewWindow, WebviewWindowBuilder

HERE = Path(__file__).parent
commands = Commands()
heard: list[str] = []
listening: dict[str, int] = {}


class Tick(BaseModel):
    n: int


class Job(BaseModel):
    channel: JavaScriptChannelId[Tick]
    count: int


def send_all(channel: Channel[Tick], count: int) -> int:
    """JSON and bytes in turn."""
    for n in range(count):
        if n % 2:
            channel.send(n.to_bytes(2, "big") * (1 + n % 3 * 2000))
        else:
            channel.send_model(Tick(n=n))
    return channel.id()


@commands.command()
async def stream(body: Job, webview_window: WebviewWindow) -> int:
    return send_all(body.channel.channel_on(webview_window.as_ref_webview()), body.count)


@commands.command("stream_on_the_loop")
@commands.command("stream_on_the_loop_of_a_process", executor="process")
async def stream_async(body: Job, ctx: CallContext) -> int:
    return send_all(body.channel.channel_on(ctx), body.count)


@commands.command("stream_in_thread")
@commands.command("stream_in_process", executor="process")
def stream_plain(body: Job, ctx: CallContext) -> int:
    return send_all(body.channel.channel_on(ctx), body.count)


@commands.command(executor="process")
def flood(body: Job, ctx: CallContext) -> None:
    """Writes down how far it has come."""
    channel: Channel[Tick] = body.channel.channel_on(ctx)
    with (HERE / "flood.txt").open("w") as sent:
        for n in range(body.count):
            channel.send_model(Tick(n=n))
            sent.seek(0)
            sent.write(str(n + 1))
            sent.flush()


def send_until_closed(body: Job, ctx: CallContext) -> None:
    channel: Channel[Tick] = body.channel.channel_on(ctx)
    try:
        while True:
            channel.send_model(Tick(n=0))
            time.sleep(0.01)
    except WindowClosed as error:
        (HERE / f"{ctx.command}.txt").write_text(str(error))


commands.command("until_closed", on_close="detach")(send_until_closed)
commands.command("until_closed_in_process", executor="process", on_close="detach")(
    send_until_closed
)


@commands.command()
def channel_each_time(body: Job, ctx: CallContext) -> None:
    for n in range(body.count):
        body.channel.channel_on(ctx).send_model(Tick(n=n))


@commands.command(executor="process")
def channel_each_time_in_worker(body: Job, ctx: CallContext) -> None:
    for n in range(body.count):
        body.channel.channel_on(ctx).send_model(Tick(n=n))


@commands.command()
def channel_thrice(body: Job, ctx: CallContext, webview_window: WebviewWindow) -> None:
    webview = webview_window.as_ref_webview()
    channels = [body.channel.channel_on(it) for it in (ctx, webview, ctx)]
    for n in range(body.count):
        channels[n % 3].send_model(Tick(n=n))


@commands.command()
async def channel_alone(body: JavaScriptChannelId[Tick], webview_window: WebviewWindow) -> None:
    body.channel_on(webview_window.as_ref_webview()).send('"as text"')


@commands.command()
async def emit(body: str, app_handle: AppHandle) -> None:
    Emitter.emit(app_handle, body, Tick(n=1))
    Emitter.emit_str(app_handle, body, json.dumps({"n": 2}))


@commands.command()
async def emit_to(body: tuple[str, str], app_handle: AppHandle) -> None:
    label, event = body
    Emitter.emit_to(app_handle, EventTarget.WebviewWindow(label), event, Tick(n=3))


@commands.command()
async def emit_filter(body: tuple[str, str], app_handle: AppHandle) -> None:
    label, event = body

    def wanted(target: EventTarget) -> bool:
        return isinstance(target, EventTarget.WebviewWindow) and target.label == label

    Emitter.emit_filter(app_handle, event, Tick(n=4), wanted)


@commands.command()
async def emit_to_whom_nobody_asks(body: str, app_handle: AppHandle) -> str:
    async def nobody(_: EventTarget) -> bool:
        return False

    try:
        Emitter.emit_filter(app_handle, body, Tick(n=5), nobody)  # pyright: ignore[reportArgumentType]
    except ValueError as error:
        return str(error)
    return "sent"


@commands.command()
async def listen(body: str, app_handle: AppHandle) -> None:
    def on_event(event: Event) -> None:
        heard.append(f"sync {event.payload}")

    async def on_event_async(event: Event) -> None:
        heard.append(f"async {Tick.model_validate_json(event.payload).n}")

    def fails(event: Event) -> None:
        raise RuntimeError(f"this listener always fails: {event.id}")

    listening[body] = Listener.listen_any(app_handle, body, on_event)
    Listener.listen_any(app_handle, body, on_event_async)
    Listener.listen_any(app_handle, body, fails)
    Listener.once_any(app_handle, body, lambda event: heard.append(f"once {event.payload}"))


@commands.command()
async def unlisten(body: str, app_handle: AppHandle) -> None:
    Listener.unlisten(app_handle, listening.pop(body))


@commands.command("heard")
async def read_heard() -> list[str]:
    return heard


@commands.command()
async def evaluate(body: str, webview_window: WebviewWindow) -> None:
    webview_window.eval(body)


@commands.command()
async def ask(body: tuple[str, Any], webview_window: WebviewWindow) -> Any:
    name, arg = body
    return await webview_window.call(name, arg, timeout=600.0)


@commands.command()
async def ask_briefly(body: str, webview_window: WebviewWindow) -> str:
    try:
        await webview_window.call(body, None, timeout=0.2)
    except Exception as error:  # noqa: BLE001  # the test reads which one
        return f"{type(error).__name__}: {error}"
    return "answered"


class Question(BaseModel):
    text: str
    choices: list[str] = ["yes", "no"]


class Asker(Protocol):
    async def choose(self, question: Question, /) -> int: ...


class BlockingAsker(Protocol):
    def choose(self, question: Question, /) -> int: ...


asker = commands.page(Asker)
blocking_asker = commands.page(BlockingAsker)
ticked = commands.event("typed:ticked", Tick)
sent = commands.event("typed:sent", list[Tick])


@commands.command()
async def choose(body: str, webview_window: WebviewWindow) -> int:
    return await asker(webview_window, timeout=600.0).choose(Question(text=body))


@commands.command()
def choose_in_thread(body: str, webview_window: WebviewWindow) -> int:
    return blocking_asker(webview_window, timeout=600.0).choose(Question(text=body))


@commands.command()
async def listen_typed(app_handle: AppHandle) -> None:
    async def on_sent(ticks: list[Tick]) -> None:
        heard.append(f"async {ticks!r}")

    sent.listen(app_handle, lambda ticks: heard.append(f"sync {ticks!r}"))
    sent.listen(app_handle, on_sent)
    sent.once(app_handle, lambda ticks: heard.append(f"once {ticks!r}"))


@commands.command()
def emit_typed(app_handle: AppHandle, ctx: CallContext) -> None:
    ticked.emit(app_handle, Tick(n=1))
    ticked.emit_to(app_handle, EventTarget.WebviewWindow(ctx.window), Tick(n=2))
    ticked.emit(ctx, Tick(n=3))


@commands.command(executor="process")
def emit_typed_in_process(ctx: CallContext) -> None:
    ticked.emit(ctx, Tick(n=4))


@commands.command()
async def open_window(body: str, app_handle: AppHandle) -> None:
    WebviewWindowBuilder.build(app_handle, body, WebviewUrl.App("index.html"))


@commands.command()
async def close_window(body: str, app_handle: AppHandle) -> None:
    if window := Manager.get_webview_window(app_handle, body):
        window.destroy()


@commands.command()
async def asking(app_handle: AppHandle) -> int:
    return sum(call.command == "ask" for call in app_handle.calls())


if __name__ == "__main__":
    logging.basicConfig()
    sys.exit(transom.run(commands, Path(__file__).parent))
