"""Stress app: exits in the middle of its calls, in the way that it is told."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import anyio
from probe import PLAN, commands

import transom
from transom import AppHandle, CallContext, Manager


@commands.command()
async def work(body: int) -> int:
    await anyio.sleep(0.001)
    return body


@commands.command()
async def hold() -> None:
    await anyio.sleep_forever()


@commands.command()
def hold_on_thread(ctx: CallContext) -> None:
    while True:
        ctx.check()
        time.sleep(0.002)


@commands.command()
def stubborn() -> None:
    time.sleep(0.3)


@commands.command()
async def under_load(app_handle: AppHandle) -> None:
    """The page is in full swing: the end comes soon, at any moment."""
    timer = threading.Timer(PLAN["after"], leave, [app_handle])
    timer.daemon = True
    timer.start()


def leave(app: AppHandle) -> None:
    match PLAN["way"]:
        case "exit":
            app.exit(7)
        case "close":
            if window := Manager.get_webview_window(app, "main"):
                window.destroy()
        case "SIGTERM":
            os.kill(os.getpid(), signal.SIGTERM)
        case _:
            os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    code = transom.run(commands, Path(__file__).parent)
    # Python's own clean-up runs to here.
    print("LEFT", code, flush=True)
    sys.exit(code)
