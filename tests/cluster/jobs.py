"""Commands for a Ray on this machine, and how its processes are seen."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

import transom
from transom import CallContext, InvokeException
from transom.ipc import JavaScriptChannelId

SLOW = 300.0
"""Seconds. A process of Ray's may take minutes to start on a busy machine."""

made: list[int] = []


class Person(BaseModel):
    name: str


class Greeting(BaseModel):
    text: str
    process: int


class Trail(BaseModel):
    """What a command writes into a file, for a test that sees only whether it has ended."""

    file: str


def note(trail: Trail, text: str) -> None:
    Path(trail.file).write_text(text)


def make() -> None:
    made.append(os.getpid())


def what_was_made() -> list[int]:
    return [*made, os.getpid()]


def greet(body: Person) -> Greeting:
    return Greeting(text=f"Hello {body.name}", process=os.getpid())


async def greet_soon(body: Person, ctx: CallContext) -> str:
    await anyio.sleep(0.01)
    return f"Hello {body.name} in {ctx.window}"


def double(body: memoryview) -> bytes:
    return bytes(body) * 2


def count(body: int, ctx: CallContext) -> int:
    for number in range(body):
        ctx.progress(number + 1, body, f"{number}")
    return body


def deadline(ctx: CallContext) -> float | None:
    return ctx.deadline and ctx.deadline - time.monotonic()


def fail(body: str) -> None:
    if body == "exit":
        raise SystemExit(3)
    if body == "chosen":
        raise InvokeException("for a person")
    raise KeyError(body)


def wrong() -> int:
    return "no number"  # type: ignore[return-value]


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def log_it(body: str) -> None:
    logging.getLogger("app.jobs").warning("note: %s", body)


def sleep_long(body: Trail, ctx: CallContext) -> None:
    """Waits where no signal of Python's comes between, but one of the system does."""
    try:
        with ctx.shield():
            Path(body.file).write_text(f"{os.getpid()}")
        time.sleep(600)
    finally:
        with ctx.shield():
            Path(body.file).write_text("over")


async def wait_long(body: Trail) -> None:
    try:
        note(body, f"{os.getpid()}")
        await anyio.sleep(600)
    finally:
        note(body, "over")


def hold_bytes(body: memoryview, ctx: CallContext) -> int:
    while not ctx.cancelled:
        time.sleep(0.05)
    return len(body)


def never_stops(body: Trail, ctx: CallContext) -> None:
    with ctx.shield():
        Path(body.file).write_text(f"{os.getpid()}")
        while True:
            time.sleep(0.05)


def numbers(body: Trail) -> Iterator[int]:
    """Writes how many items it has made."""
    for number in range(100_000):
        Path(body.file).write_text(f"{number + 1}")
        yield number


async def numbers_soon(body: int) -> AsyncIterator[Person]:
    for number in range(body):
        await checkpoint()
        yield Person(name=f"{number}")


def pieces(body: int) -> Iterator[bytes]:
    for number in range(body):
        yield bytes([number]) * 100_000


def tell(body: tuple[JavaScriptChannelId[Any], int], ctx: CallContext) -> int:
    channel = body[0].channel_on(ctx)
    for number in range(body[1]):
        channel.send(f"{number}")
    ctx.emit("told", Person(name="all"))
    return body[1]


def where_it_comes_from() -> tuple[str, str]:
    """The files of this module and of the package."""
    return __file__, transom.__file__ or ""


def dies_once(body: Trail) -> str:
    """Dies when it runs for the first time."""
    if not Path(body.file).exists():
        note(body, "died")
        kill_me()
    return "came back"


COMMANDS = (
    what_was_made,
    greet,
    greet_soon,
    double,
    count,
    deadline,
    fail,
    wrong,
    kill_me,
    log_it,
    sleep_long,
    wait_long,
    never_stops,
    numbers,
    numbers_soon,
    pieces,
    tell,
    where_it_comes_from,
)


def processes(session: int) -> dict[int, str]:
    """The processes of a gateway's session that have not ended, with their command lines."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, _, _, of = (entry / "stat").read_text().rpartition(") ")[2].split()[:4]
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
        if int(of) == session and state not in "ZX":
            found[int(entry.name)] = line
    return found


def alive(process: int) -> bool:
    """Whether it has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


async def until(condition: Callable[[], object], seconds: float = SLOW) -> None:
    """Waits for what nothing announces."""
    with anyio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.02)
