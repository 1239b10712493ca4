"""Provides the app by which tests see how an app ends."""

from __future__ import annotations

FULL = """
import asyncio, atexit, ctypes, os, signal, sys, threading, time
from pathlib import Path
from anyio.from_thread import start_blocking_portal
from transom import AppHandle, CallContext, Commands, RunEvent, builder_factory, context_factory
from transom.webview import WebviewWindow

HERE = Path(__file__).parent
RUNNING = HERE / "running"  # there is such a file once a command holds on
commands = Commands()


@commands.command()
async def quit(body: int, app_handle: AppHandle) -> None:
    app_handle.exit(body)


@commands.command()
async def close(webview_window: WebviewWindow) -> None:
    webview_window.close()


@commands.command()
async def sleep_long(ctx: CallContext) -> None:
    print("asleep")
    ctx.progress(0)
    RUNNING.touch()
    try:
        await asyncio.sleep(1000)
    finally:
        print("sleeper finally")


@commands.command()
async def block_the_loop() -> None:
    print("blocked")
    RUNNING.touch()
    time.sleep(1000)


@commands.command()
def sleep_in_thread(ctx: CallContext) -> None:
    print("asleep")
    ctx.progress(0)
    RUNNING.touch()
    time.sleep(1000)


@commands.command()
def hold_the_interpreter() -> None:
    print("held")
    RUNNING.touch()
    ctypes.PyDLL(None).sleep(1000)


@commands.command()
async def clean_up_long(webview_window: WebviewWindow, ctx: CallContext) -> None:
    print("asleep")
    ctx.progress(0)
    try:
        await asyncio.sleep(1000)
    finally:
        time.sleep(0.5)
        print("visible:", webview_window.is_visible())


def at_event(app_handle, event) -> None:
    pass


def set_up(app_handle) -> None:
    pass

atexit.register(print, "at exit")
# CHANGES

if __name__ == "__main__":
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
            setup=set_up,
        )
        code = app.run_return(at_event)
        print("returned", code)
    print("portal closed")
    sys.exit(code)
"""

CALLS = """<!doctype html><meta charset=utf-8><title>calls</title><script type="module">
const {{pyInvoke}} = window.__TAURI__.transom;
{script}
</script>"""


def full(changes: str = "") -> str:
    return FULL.replace("# CHANGES", changes)


def calls(script: str) -> str:
    return CALLS.format(script=script)
