"""Implements the commands for benchmarks of worker processes, and those to compare them with."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import anyio
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

import transom
from transom import CallContext, Commands, ProcessPool

HERE = Path(__file__).parent
READY = HERE / "ready.txt"
commands = Commands()
spinning = threading.Event()


class Person(BaseModel):
    name: str


class Greeting(BaseModel):
    message: str


def note_ready() -> None:
    """The last that a worker does before it can take calls."""
    with READY.open("a") as file:
        file.write(f"{time.time() * 1000}\n")


@commands.command()
async def greet(body: Person) -> Greeting:
    return Greeting(message=f"Hello, {body.name}")


@commands.command(executor="process")
def greet_in_worker(body: Person) -> Greeting:
    return Greeting(message=f"Hello, {body.name}")


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


@commands.command(executor="process")
def compute(body: int) -> int:
    return sum_of_squares(body)


@commands.command(concurrency=2)
def compute_in_thread(body: int) -> int:
    return sum_of_squares(body)


def sum_of_squares(count: int) -> int:
    total = 0
    for number in range(count):
        total += number * number
    return total


@commands.command(executor="process")
def burn(ctx: CallContext) -> None:
    """Keeps a processor busy until it is cancelled."""
    ctx.progress(1)
    while True:
        pass


@commands.command(executor="process")
def hold(ctx: CallContext) -> None:
    """Tells its process id and waits to be cancelled, or killed."""
    ctx.progress(os.getpid())
    time.sleep(3600)


@commands.command(executor="process")
def began() -> float:
    return time.time() * 1000


@commands.command()
async def kill(body: int) -> float:
    now = time.time() * 1000
    os.kill(body, signal.SIGKILL)
    return now


@commands.command()
async def count_ready() -> int:
    return len(times())


@commands.command()
async def ready(body: int) -> float:
    """When the worker of this number, from 0, was ready."""
    while len(times()) <= body:  # noqa: ASYNC110 - another process writes them
        await anyio.sleep(0.005)
    return times()[body]


def times() -> list[float]:
    return [float(line) for line in READY.read_text().split()] if READY.exists() else []


if __name__ == "__main__":
    pool = ProcessPool(
        workers=2, warm=1, initializer=note_ready, quarantine=None, max_restarts=None
    )
    with start_blocking_portal("asyncio") as portal:
        handler = commands.generate_handler(portal, executors={"process": pool})
        context = transom.context_factory(HERE)
        app = transom.builder_factory().build(context, invoke_handler=handler)
        sys.exit(app.run_return())
