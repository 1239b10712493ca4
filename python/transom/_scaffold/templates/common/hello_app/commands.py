"""The commands that pages call. Their types are written for the pages by `transom types`."""

import platform
import sysconfig
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from pydantic import BaseModel, Field
from transom import AppHandle, CallContext, Commands, WebviewUrl
from transom.webview import WebviewWindowBuilder

commands = Commands()


class Person(BaseModel):
    name: str = Field(min_length=1, max_length=100)


class Greeted(BaseModel):
    """Somebody was greeted."""

    name: str


class Lines(BaseModel):
    files: int
    lines: int


class Primes(BaseModel):
    count: int
    largest: int


class Beat(BaseModel):
    """One beat of the event loop."""

    late: float = Field(description="Milliseconds that it came too late.")


greeted = commands.event("greeted", Greeted)


@commands.command()
async def greet(body: Person, app_handle: AppHandle) -> str:
    """Greets somebody, and tells the windows of it."""
    greeted.emit(app_handle, Greeted(name=body.name))
    return f"Hello, {body.name}! Greetings from Python {platform.python_version()}."


@commands.command()
async def wait(body: int, ctx: CallContext) -> str:
    """Waits some seconds, on the event loop: other calls go on meanwhile."""
    for tenth in range(body * 10):
        ctx.progress(tenth, body * 10, f"{body - tenth // 10} s left")
        await anyio.sleep(0.1)  # a cancel ends it here
    return "The time is over."


@commands.command()
def count_lines(ctx: CallContext) -> Lines:
    """Counts the lines of Python's standard library, in a thread: reading a file blocks."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*/*.py"))
    # A cancel ends it at the next file.
    lines = sum(file.read_bytes().count(b"\n") for file in ctx.track(files))
    return Lines(files=len(files), lines=lines)


@commands.command(executor="process")
def count_primes(body: int, ctx: CallContext) -> Primes:
    """Counts prime numbers in a worker process, which has a processor to itself."""
    count, largest = 0, 0
    for number in ctx.track(range(2, body)):
        if all(number % divisor for divisor in range(2, int(number**0.5) + 1)):
            count, largest = count + 1, number
    return Primes(count=count, largest=largest)


@commands.command()
async def pulse() -> AsyncIterator[Beat]:
    """Gives ten beats a second, and how late each is: that is how busy the event loop is."""
    due = time.perf_counter()
    while True:
        due += 0.1
        await anyio.sleep(due - time.perf_counter())
        yield Beat(late=max(0.0, time.perf_counter() - due) * 1000)


@commands.command()
async def open_pulse(app_handle: AppHandle) -> None:
    """Opens the second window, or shows it where it is open."""
    WebviewWindowBuilder.get_or_build(
        app_handle,
        "pulse",
        WebviewUrl.App("pulse.html"),
        title="Pulse",
        inner_size=(560, 380),
        min_inner_size=(360, 260),
    )
