"""Test app: commands whose calls wait for worker processes; `journal.txt` records the order."""

import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from anyio import CancelScope
from anyio.from_thread import start_blocking_portal
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

from transom import AppHandle, CallContext, Commands, ProcessPool, builder_factory, context_factory

HERE = Path(__file__).parent
JOURNAL = HERE / "journal.txt"
commands = Commands()


def note(line: str) -> None:
    with JOURNAL.open("a") as journal:
        journal.write(line + "\n")


@commands.command("journal")
async def read_journal() -> list[str]:
    return JOURNAL.read_text().splitlines() if JOURNAL.exists() else []


@commands.command()
async def host_pid() -> int:
    return os.getpid()


@commands.command()
async def running(app_handle: AppHandle) -> list[str]:
    return [call.command for call in app_handle.calls() if call.command != "running"]


@commands.command(executor="one")
def in_turn(body: float, ctx: CallContext) -> int:
    note(ctx.window)
    time.sleep(body)
    return os.getpid()


@commands.command(executor="one")
def in_turn_until(body: str, ctx: CallContext) -> None:
    """Ends when the test, another process, has made this file in the app's folder."""
    note(ctx.window)
    while not (HERE / body).exists():
        time.sleep(0.01)


opened = dict[str, int]()


class Edit(BaseModel):
    doc: str
    seconds: float = 0.0
    until: str | None = None
    """A file that the test, another process, makes in the app's folder."""


@commands.command(executor="documents", affinity="/doc")
def edit(body: Edit) -> tuple[int, int]:
    """This process, and how many edits of the document it has seen."""
    opened[body.doc] = opened.get(body.doc, 0) + 1
    note(f"{body.doc} started")
    time.sleep(body.seconds)
    while body.until is not None and not (HERE / body.until).exists():
        time.sleep(0.01)
    return os.getpid(), opened[body.doc]


@commands.command(executor="documents", affinity="/doc")
def crash(body: Edit) -> None:
    note(f"{body.doc} crashed in {os.getpid()}")
    os._exit(1)


@commands.command(executor="documents")
def anywhere() -> int:
    return os.getpid()


class Request(BaseModel):
    seconds: float = 0.0
    together: int = 0
    """It ends when so many have been in its worker at once."""
    stubborn: bool = False
    """It does not stop before that time, whoever asks."""


at_once = most = 0
"""Requests in this process: now, and the most of those that began while there was one."""


@commands.command(executor="waiting", shared=True)
async def fetch(body: Request) -> tuple[int, int]:
    """This process, and the most requests that were in it at once."""
    global at_once, most
    at_once += 1
    note(f"fetch in {os.getpid()}")
    most = at_once if at_once == 1 else max(most, at_once)
    try:
        with CancelScope(shield=body.stubborn):
            until = anyio.current_time() + body.seconds
            while anyio.current_time() < until or most < body.together:  # noqa: ASYNC110
                await anyio.sleep(0.01)
        return os.getpid(), most
    except anyio.get_cancelled_exc_class():
        note("fetch stopped")
        raise
    finally:
        at_once -= 1


@commands.command(executor="waiting", shared=True)
async def count(body: int) -> AsyncIterator[int]:
    for number in range(body):
        await checkpoint()
        yield number


@commands.command(executor="waiting")
async def compute() -> int:
    return os.getpid()


EXECUTORS = {
    "waiting": ProcessPool(workers=2, grace=0.4, quarantine=None, start_timeout=300.0),
    "one": ProcessPool(workers=1, start_timeout=300.0),
    "documents": ProcessPool(workers=2, quarantine=None, start_timeout=300.0),
}


def main() -> int:
    with start_blocking_portal("asyncio") as portal:
        handler = commands.generate_handler(portal, executors=EXECUTORS)
        return builder_factory().build(context_factory(HERE), invoke_handler=handler).run_return()


if __name__ == "__main__":
    sys.exit(main())
