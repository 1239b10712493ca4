"""Test app: listeners that are slower than their events come."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import anyio
from pydantic import BaseModel

import transom
from transom import AppHandle, Commands, Emitter, Event, Listener, WindowEvent, WindowEventType
from transom.webview import WebviewWindow

commands = Commands()


class Ear:
    """What a listener was called with. While it is held it stands in its first call."""

    def __init__(self) -> None:
        self.heard = list[Any]()
        self.inside = threading.Event()
        self.gate = threading.Event()
        self.gate_on_the_loop = anyio.Event()
        self.most = self.running = 0
        self.id = 0

    def hear(self, event: Event) -> None:
        self.inside.set()
        self.gate.wait()
        self.heard.append(json.loads(event.payload))
        order.append(json.loads(event.payload))

    def let_go(self) -> None:
        self.gate.set()
        self.gate_on_the_loop.set()

    async def hear_on_the_loop(self, event: Event) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate_on_the_loop.wait()
        self.running -= 1
        self.heard.append(json.loads(event.payload))


ears = dict[str, Ear]()
order = list[Any]()
sent = dict[str, int]()


class Listen(BaseModel):
    name: str
    event: str
    held: bool = False
    on_the_loop: bool = False
    options: dict[str, Any] = {}


@commands.command()
async def listen(body: Listen, app_handle: AppHandle) -> None:
    ear = ears[body.name] = Ear()
    if not body.held:
        ear.let_go()
    handler = ear.hear_on_the_loop if body.on_the_loop else ear.hear
    ear.id = Listener.listen(app_handle, body.event, handler, **body.options)


@commands.command()
async def refused(body: str, app_handle: AppHandle) -> str:
    """The error that `listen` raises for these options, as Python writes them."""
    try:
        Listener.listen_any(app_handle, "refused", print, **eval(f"dict({body})"))
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "none"


@commands.command()
async def unlisten(body: str, app_handle: AppHandle) -> None:
    Listener.unlisten(app_handle, ears[body].id)


@commands.command()
async def is_inside(body: str) -> bool:
    return ears[body].inside.is_set()


@commands.command()
async def let_go(body: str) -> None:
    ears[body].let_go()


@commands.command()
async def heard(body: str) -> list[Any]:
    return ears[body].heard


@commands.command()
async def count(body: str) -> int:
    return len(ears[body].heard)


@commands.command()
async def most(body: str) -> int:
    """How many calls of a listener ran at once."""
    return ears[body].most


class Emit(BaseModel):
    event: str
    first: int = 0
    count: int


def emit_all(body: Emit, app_handle: AppHandle) -> None:
    for n in range(body.first, body.first + body.count):
        Emitter.emit_str(app_handle, body.event, str(n))
        sent[body.event] = sent.get(body.event, 0) + 1


@commands.command()
def emit(body: Emit, app_handle: AppHandle) -> None:
    emit_all(body, app_handle)


@commands.command()
async def emit_on_the_loop(body: Emit, app_handle: AppHandle) -> None:
    emit_all(body, app_handle)


@commands.command()
async def sent_of(body: str) -> int:
    return sent.get(body, 0)


@commands.command()
async def lost() -> int:
    return transom.metrics().counters["dropped-callback"]


asked = threading.Event()


@commands.command()
async def keep_open(webview_window: WebviewWindow) -> None:
    """Has a request to close the window take its place in the order of what was heard."""

    def note(event: WindowEventType) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            order.append("closing")

    async def prevent(event: WindowEventType) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            event.api.prevent_close()
            asked.set()

    webview_window.on_window_event(note)
    webview_window.on_window_event(prevent)


@commands.command()
def ask_to_close(webview_window: WebviewWindow) -> None:
    """Comes back when every handler of the request is called or waits for its turn."""
    asked.clear()
    webview_window.close()
    asked.wait()


@commands.command()
async def in_order() -> list[Any]:
    return order


@commands.command()
async def forget_order() -> None:
    order.clear()


@commands.command()
async def exit_now(app_handle: AppHandle) -> None:
    app_handle.exit(5)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
