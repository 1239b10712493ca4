"""Provides commands with bodies of any size, in a module that worker processes can import."""

import ctypes
import hashlib
import os
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NewType

from pydantic import BaseModel

from transom import CallContext, Commands
from transom._worker.link.frames import APART, PREFIX
from transom._worker.link.memory import put, send

commands = Commands()
Blob = NewType("Blob", bytes)


class Shown(BaseModel):
    name: str


class Hidden(Shown):
    secret: str = "what the page must not get"


def seen(body: memoryview) -> list[Any]:
    return [type(body.obj).__name__, body.readonly, hashlib.sha256(body).hexdigest()]


@commands.command(executor="async")
async def see_async(body: memoryview) -> list[Any]:
    return seen(body)


@commands.command(executor="thread")
def see_thread(body: memoryview) -> list[Any]:
    return seen(body)


@commands.command(executor="process")
def see_process(body: memoryview) -> list[Any]:
    return seen(body)


@commands.command(executor="process")
def echo_bytes(body: bytes) -> bytes:
    return body


@commands.command(executor="process")
def echo_view(body: memoryview) -> memoryview:
    return body


@commands.command(executor="process")
async def echo_text(body: str) -> str:
    return body


@commands.command(executor="process")
def hold(body: memoryview, ctx: CallContext) -> None:
    ctx.progress(len(body))
    while True:
        time.sleep(0.01)


@commands.command(executor="process")
def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - one entry each, and the folder's own


@commands.command(executor="process")
def forge(body: str, ctx: CallContext) -> None:
    """Sends a result whose memory is not what its frame says."""
    link: Any = ctx._call._link  # type: ignore[attr-defined]
    memory = {
        "short": lambda: put(b"abc"),
        "pipe": lambda: os.pipe()[0],
        "unsealed": lambda: os.memfd_create("unsealed"),
        "file": lambda: os.open(Path(__file__), os.O_RDONLY),
    }
    prefix = PREFIX.pack(bytes([ord("B") | APART]), 2, 4) + b"{}"
    if body == "none":
        link._stream.sendall(prefix)
    else:
        send(link._stream, prefix, memory[body]())
    while True:
        time.sleep(0.01)


# One of each executor: what is bytes there, and what only looks like it.

EXECUTORS = ("thread", "process")


def maybe(body: bytes | None) -> bytes | None:
    return None if body is None else body[::-1]


def blob(body: Blob) -> Blob:
    return Blob(body[::-1])


def own(body: bytearray) -> bytearray:
    body.reverse()
    return body


def numbers() -> memoryview:
    return memoryview(array("d", [1.5, -2]))


def addresses() -> bytes:
    return (ctypes.py_object * 2)({}, "x")  # type: ignore[return-value]


def views(body: int) -> Iterator[memoryview]:
    for i in range(body):
        yield memoryview(array("d", [i]))


def declared() -> Shown:
    return Hidden(name="Ada")


def quoted() -> list["Shown"]:
    return [Hidden(name="Ada")]


def unchecked() -> Shown:
    return Shown.model_construct()


KINDS = (maybe, blob, own, numbers, addresses, views, declared, quoted, unchecked)
for kind in KINDS:
    for executor in EXECUTORS:
        commands.command(f"{kind.__name__}_{executor}", executor=executor)(kind)
