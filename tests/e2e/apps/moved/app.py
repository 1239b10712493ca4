"""Test app: as it was written for PyTauri, with other import names."""

import logging
import sys
from pathlib import Path

from anyio import Event, sleep_forever
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

from transom import AppHandle, Commands, Manager, builder_factory, context_factory
from transom.ffi.lib import RunEvent
from transom.ipc import Headers, InvokeException, WebviewWindow

logging.basicConfig(level=logging.DEBUG)
HERE = Path(__file__).resolve().parent
commands = Commands(experimental_gen_ts=True)
opened = Event()
events: list[str] = []
lines: list[str] = []


class Keeper(logging.Handler):
    """Keeps the records below `INFO` that reach the root logger from this package."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.INFO and record.name.startswith("transom"):
            lines.append(record.getMessage())


logging.getLogger().addHandler(Keeper())


class Person(BaseModel):
    name: str


@commands.command()
async def greet(body: Person, webview_window: WebviewWindow) -> str:
    return f"Hello, {body.name}, from {webview_window.label()}!"


@commands.command()
async def flip(body: bytes) -> bytes:
    return body[::-1]


@commands.command()
async def nothing() -> None: ...


@commands.command()
async def names(headers: Headers) -> list[str]:
    return [name.decode() for name, _ in headers]


@commands.command()
async def refuse() -> None:
    raise InvokeException("not today")


@commands.command()
async def boom() -> None:
    raise ValueError("boom", 7)


@commands.command()
async def wait() -> str:
    await opened.wait()
    return "opened"


@commands.command()
async def open_gate() -> None:
    opened.set()


@commands.command()
async def last(body: str) -> None:
    events.append(f"{body} begins")
    try:
        await sleep_forever()
    finally:
        events.append(f"{body} ends")


@commands.command()
async def what_happened() -> list[str]:
    return events


@commands.command()
async def debug_lines() -> list[str]:
    return lines


@commands.command()
async def resources(app_handle: AppHandle) -> list[str]:
    found = Manager.path(app_handle).resource_dir()
    return [str(found), str(HERE)]


def on_event(_app_handle: AppHandle, event: RunEvent) -> None:
    if isinstance(event, RunEvent.TrayIconEvent | RunEvent.MenuEvent):
        print("an icon", flush=True)
    elif isinstance(event, RunEvent.Ready):
        print("ready", flush=True)


def main() -> int:
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
        )
        return app.run_return(on_event)


if __name__ == "__main__":
    sys.exit(main())
