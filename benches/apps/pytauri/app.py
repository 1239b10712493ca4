"""Implements the benchmark's commands with PyTauri, for comparison."""

import sys
import threading
from pathlib import Path

from anyio import to_thread
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel
from pytauri import Commands
from pytauri_wheel.lib import builder_factory, context_factory

commands = Commands()
spinning = threading.Event()


class Person(BaseModel):
    name: str


class Greeting(BaseModel):
    message: str


class Text(BaseModel):
    text: str


def hello(name: str) -> Greeting:
    return Greeting(message=f"Hello, {name}")


@commands.command()
async def greet(body: Person) -> Greeting:
    return hello(body.name)


@commands.command()
async def greet_on_thread(body: Person) -> Greeting:
    return await to_thread.run_sync(hello, body.name)


@commands.command()
async def echo(body: Text) -> Text:
    return body


@commands.command()
async def raw(body: bytes) -> bytes:
    return body


@commands.command()
async def spin(body: bool) -> None:
    """A thread of the host's counts in Python, or stops."""
    if body:
        spinning.set()
        threading.Thread(target=count, daemon=True).start()
    else:
        spinning.clear()


def count() -> None:
    number = 0
    while spinning.is_set():
        number += 1


if __name__ == "__main__":
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent.absolute()),
            invoke_handler=commands.generate_handler(portal),
        )
        sys.exit(app.run_return())
