"""Values that cross, by every road: what JSON has no word for, and what must stay as it is."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import trio
from pydantic import BaseModel, ConfigDict

import transom
from transom import AppHandle, CallContext, Commands, Emitter, Event, Listener
from transom.ipc import JavaScriptChannelId
from transom.webview import WebviewWindow

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
