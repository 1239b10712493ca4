"""An app whose `main` is in Python, and whose context, builder and some commands are in Rust."""

import asyncio
import json
import platform
from dataclasses import dataclass
from typing import Annotated

from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

from transom import (
    EXT_MOD,
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Manager,
    State,
    builder_factory,
    context_factory,
)
from transom.webview import WebviewWindow

commands = Commands()


class Person(BaseModel):
    name: str


@dataclass
class Salutation:
    """State of the app, which `set_up` makes."""

    word: str


@commands.command()
async def greet_in_python(body: Person, salutation: Annotated[Salutation, State()]) -> str:
    return f"{salutation.word} {body.name}, from Python {platform.python_version()}"


@commands.command()
async def count(body: int, ctx: CallContext) -> int:
    """Counts on the event loop, and shows how far it is."""
    for done in range(body):
        await asyncio.sleep(0.02)
        ctx.progress(done + 1, body)
    return body


@commands.command()
def title(webview_window: WebviewWindow, app_handle: AppHandle) -> str:
    """Runs in a thread, asks the window that called, calls Rust, and tells all windows."""
    text = EXT_MOD.shout(webview_window.title())
    Emitter.emit_str(app_handle, "titled", json.dumps(text))
    return text


@commands.command(executor="process")
def primes(body: int) -> int:
    """Counts prime numbers in a worker process."""
    return sum(all(number % it for it in range(2, number)) for number in range(2, body))


def set_up(app_handle: AppHandle) -> None:
    Manager.manage(app_handle, Salutation("Hello"))


def main() -> int:
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(),
            invoke_handler=commands.generate_handler(portal),
            setup=set_up,
        )
        return app.run_return()
