"""Test app: commands that are stopped from outside, and commands that ask the page and wait."""

import importlib
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

import transom
from transom import AppHandle, CallContext, Cancelled, Commands
from transom.webview import WebviewWindow

commands = Commands()
journal: list[str] = []


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
def journal_in_thread() -> list[str]:
    """Also while the loop is blocked."""
    return journal


@commands.command()
async def reset() -> None:
    journal.clear()


@commands.command()
async def running(app_handle: AppHandle) -> list[str]:
    return [call.command for call in app_handle.calls()]


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@commands.command(interrupt=True)
def spin_for_ever() -> None:
    """Never looks at its call."""
    try:
        journal.append("started")
        spin(600)
    finally:
        journal.append("finally")


@commands.command(interrupt=True)
def import_and_spin() -> int:
    try:
        journal.append("started")
        value = importlib.import_module("slow").VALUE
        spin(600)
        return value
    finally:
        journal.append("finally")


@commands.command()
def use_slow() -> int:
    return importlib.import_module("slow").VALUE


@commands.command(interrupt=True)
def spin_shielded(ctx: CallContext) -> None:
    try:
        with ctx.shield():
            journal.append("started")
            while not ctx.cancelled:
                spin(0.01)
            spin(0.2)
            ctx.check()
            journal.append("shielded")
        # The interrupt comes from another thread: at once, or a moment after the mark.
        spin(600)
        journal.append("not interrupted")
    finally:
        journal.append("finally")


@commands.command(interrupt=True)
def quick() -> str:
    return "quick"


@commands.command()
async def wait_shielded(ctx: CallContext) -> None:
    try:
        journal.append("started")
        await anyio.sleep_forever()
    finally:
        with ctx.shield():
            await anyio.sleep(0.1)
            journal.append("cleaned up")
        journal.append("finally")


@commands.command()
async def wait_shielded_too_long(ctx: CallContext) -> None:
    try:
        journal.append("started")
        await anyio.sleep_forever()
    finally:
        with ctx.shield(timeout=0.3):
            await anyio.sleep_forever()
        journal.append("finally")


@commands.command()
async def check_on_the_loop(ctx: CallContext) -> None:
    """Blocks the loop, but looks at its call."""
    journal.append("started")
    try:
        while True:
            ctx.check()
            spin(0.01)
    finally:
        journal.append("finally")


@commands.command()
async def check_in_a_group(ctx: CallContext) -> None:
    async def look() -> None:
        while True:
            ctx.check()
            spin(0.01)

    journal.append("started")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)


def asked(webview_window: WebviewWindow, name: str, timeout: float) -> Any:
    try:
        return webview_window.blocking_call(name, [20, 22], timeout=timeout)
    except Cancelled:
        journal.append("cancelled")
        raise
    except Exception as error:  # noqa: BLE001 - the page is told what it was
        return f"{type(error).__name__}: {error}"


@commands.command()
def ask(body: tuple[str, float], webview_window: WebviewWindow) -> Any:
    name, timeout = body
    journal.append("asking")
    return asked(webview_window, name, timeout)


@commands.command(interrupt=True)
def ask_interruptibly(body: tuple[str, float], webview_window: WebviewWindow) -> Any:
    return ask(body, webview_window)


@commands.command()
async def ask_on_the_loop(webview_window: WebviewWindow) -> Any:
    return asked(webview_window, "add", 60.0)


@commands.command()
async def ask_on_the_ui_thread(webview_window: WebviewWindow, app_handle: AppHandle) -> Any:
    answer: Future[Any] = Future()
    app_handle.run_on_main_thread(lambda: answer.set_result(asked(webview_window, "add", 60.0)))
    return await anyio.to_thread.run_sync(answer.result)


if __name__ == "__main__":
    backend = sys.argv[1] if len(sys.argv) > 1 else "asyncio"
    sys.exit(transom.run(commands, Path(__file__).parent, backend=backend))
