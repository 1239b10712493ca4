"""Test app: runs on the kind of portal that the environment variable PORTAL names."""

import asyncio
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import anyio
from anyio.from_thread import BlockingPortal, BlockingPortalProvider, start_blocking_portal

from transom import (
    AppHandle,
    CallContext,
    Commands,
    WebviewWindow,
    builder_factory,
    context_factory,
)
from transom._app.runtime import current

HERE = Path(__file__).parent
commands = Commands()
ended: list[str] = []

PORTALS = {
    "asyncio": lambda: start_blocking_portal("asyncio"),
    "uvloop": lambda: start_blocking_portal("asyncio", {"use_uvloop": True}),
    "trio": lambda: start_blocking_portal("trio"),
    "provider": lambda: BlockingPortalProvider("asyncio"),
}


@commands.command()
async def loop_kind() -> str:
    if os.environ["PORTAL"] == "trio":
        return type(sys.modules["trio"].lowlevel.current_task()).__module__.split(".")[0]
    return type(asyncio.get_running_loop()).__module__.split(".")[0]


@commands.command()
async def hold(ctx: CallContext) -> None:
    ctx.progress(0)
    try:
        await anyio.sleep_forever()
    finally:
        ended.append("hold")


@commands.command()
async def ended_calls() -> list[str]:
    return ended


@commands.command()
def count(body: int, ctx: CallContext) -> int:
    return sum(1 for _ in ctx.track(range(body)))


@commands.command()
async def ask(body: str, webview_window: WebviewWindow) -> str:
    return await webview_window.call("answer", body)


@commands.command()
async def running(app_handle: AppHandle) -> list[str]:
    return [call.command for call in app_handle.calls()]


@commands.command()
async def record(body: bool) -> str:
    host = current().host
    host.trace(body)
    return "[]" if body else host.take_trace()


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    app_handle.exit(3)


def open_portal() -> AbstractContextManager[BlockingPortal]:
    return PORTALS[os.environ["PORTAL"]]()


if __name__ == "__main__":
    with open_portal() as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
        )
        code = app.run_return()
    print("portal closed", flush=True)
    sys.exit(code)
