"""Test app: work that ends in each possible way. BACKEND names the event loop."""

import json
import os
import sys
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import (
    AppHandle,
    CallContext,
    Cancelled,
    Commands,
    InvokeException,
    Manager,
    Wait,
    WebviewUrl,
)
from transom._app.runtime import current
from transom.webview import WebviewWindowBuilder

HERE = Path(__file__).parent
commands = Commands()
journal: list[str] = []


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
async def gauges() -> Any:
    return json.loads(current().host.gauges())


@commands.command()
async def counters() -> Any:
    return json.loads(current().host.counters())


@commands.command()
async def hold(body: str) -> None:
    """Runs until it is cancelled."""
    journal.append(f"{body} started")
    try:
        await anyio.sleep_forever()
    finally:
        journal.append(f"{body} finally")


@commands.command(concurrency=1)
async def hold_alone(body: str) -> None:
    await hold(body)


@commands.command()
async def clean_up(body: float | str) -> None:
    """Takes that many seconds for its clean-up, or until the test has made this file."""
    journal.append("clean_up started")
    try:
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await (appearance(body) if isinstance(body, str) else anyio.sleep(body))
        journal.append("clean_up cleaned")


@commands.command()
async def fails_to_clean_up(body: str) -> None:
    journal.append(f"{body} started")
    try:
        await anyio.sleep_forever()
    finally:
        raise OSError("the lock file is gone")


@commands.command()
def fails_to_clean_up_in_a_thread(body: str, ctx: CallContext) -> None:
    journal.append(f"{body} started")
    try:
        while True:
            ctx.check()
            time.sleep(0.005)
    except Cancelled:
        raise OSError("the lock file is gone") from None


@commands.command()
async def stubborn(body: float, ctx: CallContext) -> str:
    """Ends by itself, that many seconds after its cancel."""
    journal.append("stubborn started")
    with anyio.CancelScope(shield=True):
        while not ctx.cancelled:  # noqa: ASYNC110
            await anyio.sleep(0.005)
        await anyio.sleep(body)
    return "done"


@commands.command()
def hold_thread(body: str, ctx: CallContext) -> None:
    journal.append(f"{body} started")
    while True:
        ctx.check()
        time.sleep(0.005)


@commands.command(concurrency=1, queue=Wait(200))
def in_turn(body: str, ctx: CallContext) -> None:
    """Runs until it is cancelled; others wait for its end."""
    journal.append(f"{body} started")
    while True:
        ctx.check()
        time.sleep(0.001)


@commands.command()
def deaf_thread(body: float, ctx: CallContext) -> str:
    """Ends by itself, that many seconds after its cancel, or at once for 0."""
    journal.append("deaf_thread started")
    while body > 0 and not ctx.cancelled:
        time.sleep(0.005)
    time.sleep(body)
    journal.append("deaf_thread done")
    return "done"


async def appearance(name: str) -> None:
    """Waits until the test, another process, has made this file in the app's folder."""
    while not await anyio.Path(HERE / name).exists():  # noqa: ASYNC110
        await anyio.sleep(0.01)


@commands.command(on_close="detach", concurrency=4)
async def save(body: str, ctx: CallContext) -> str:
    """Ends when a file of that name is in the app's folder, or at once for `now …`."""
    journal.append(f"{body} saving")
    ctx.progress(1, 2, body)
    try:
        if not body.startswith("now"):
            await appearance(body)
        if body.endswith("bad"):
            raise InvokeException("no room")
    finally:
        journal.append(f"{body} ends")
    ctx.progress(2, 2, body)
    return f"{body} saved"


@commands.command(on_close="detach")
async def save_bytes(body: int) -> bytes:
    await appearance(f"{body} bytes")
    return bytes(body)


@commands.command()
async def ticks() -> AsyncIterator[int]:
    """Never ends by itself."""
    journal.append("ticks started")
    try:
        for tick in count():
            yield tick
            await anyio.sleep(0.01)
    finally:
        journal.append("ticks closed")


@commands.command()
async def ticks_that_fail_to_close() -> AsyncIterator[int]:
    try:
        for tick in count():
            yield tick
            await anyio.sleep(0.01)
    finally:
        raise OSError("the lock file is gone")


@commands.command()
async def reload_window(body: str, app_handle: AppHandle) -> None:
    window = Manager.get_webview_window(app_handle, body)
    if window is not None:
        window.reload()


@commands.command()
async def calls(app_handle: AppHandle) -> list[dict[str, Any]]:
    return [
        {"id": c.id, "command": c.command, "window": c.window, "detached": c.detached}
        for c in app_handle.calls()
    ]


@commands.command()
async def cancel(body: int, app_handle: AppHandle) -> bool:
    return app_handle.cancel(body)


@commands.command()
async def open_window(body: str, app_handle: AppHandle) -> None:
    WebviewWindowBuilder.build(app_handle, body, WebviewUrl.App("index.html"))


@commands.command()
async def destroy_window(body: str, app_handle: AppHandle) -> None:
    window = Manager.get_webview_window(app_handle, body)
    if window is not None:
        window.destroy()


if __name__ == "__main__":
    backend = os.environ.get("BACKEND", "asyncio")
    sys.exit(transom.run(commands, HERE, backend=backend))
