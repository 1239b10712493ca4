"""Test app: shows its metrics and its log, and stalls its event loop."""

import dataclasses
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from anyio.from_thread import start_blocking_portal

import transom
from transom import AppHandle, CallContext, Commands, builder_factory, context_factory

commands = Commands()
records: list[dict[str, Any]] = []


class Keeping(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        text = {"level": record.levelname, "name": record.name, "text": record.getMessage()}
        records.append(text)


@commands.command()
async def metrics() -> dict[str, Any]:
    return dataclasses.asdict(transom.metrics())


@commands.command()
async def log() -> list[dict[str, Any]]:
    return records


@commands.command()
async def calls(app_handle: AppHandle) -> list[dict[str, Any]]:
    return [call._asdict() for call in app_handle.calls()]


@commands.command()
async def greet(body: str) -> str:
    return body


@commands.command()
async def fail() -> None:
    raise transom.InvokeException("no")


@commands.command(concurrency=1)
async def nap(body: float) -> None:
    await anyio.sleep(body)


@commands.command()
def hold_thread(ctx: CallContext) -> None:
    while not ctx.cancelled:
        time.sleep(0.01)


def hold_the_loop(seconds: float) -> None:
    """So many seconds longer than until somebody has noticed."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not any("hold_the_loop" in it["text"] for it in records):
        time.sleep(0.01)
    time.sleep(seconds)


@commands.command()
async def stall(body: float) -> None:
    await anyio.lowlevel.checkpoint()
    hold_the_loop(body)


if __name__ == "__main__":
    backend = os.environ.get("PORTAL", "asyncio")
    if "UNCONFIGURED" not in os.environ:
        logging.getLogger("transom").addHandler(Keeping())
    options = {"use_uvloop": backend == "uvloop"} if backend != "trio" else {}
    with start_blocking_portal("trio" if backend == "trio" else "asyncio", options) as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent),
            invoke_handler=commands.generate_handler(portal),
        )
        sys.exit(app.run_return())
