"""Commands that take and give bodies of any size; a worker process finds them by this name."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from transom import CallContext, Commands
from transom._worker.link import APART, PREFIX
from transom._worker.memory import put, send

commands = Commands()


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
