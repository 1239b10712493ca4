"""Commands whose calls wait for worker processes; `journal.txt` here tells the order."""

import os
import sys
import time
from pathlib import Path

from anyio.from_thread import start_blocking_portal
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


opened = dict[str, int]()


class Edit(BaseModel):
    doc: str
    seconds: float = 0.0


@commands.command(executor="documents", affinity="/doc")
def edit(body: Edit) -> tuple[int, int]:
    """This process, and how many edits of the document it has seen."""
    opened[body.doc] = opened.get(body.doc, 0) + 1
    note(f"{body.doc} started")
    time.sleep(body.seconds)
    return os.getpid(), opened[body.doc]


@commands.command(executor="documents", affinity="/doc")
def crash(body: Edit) -> None:
    note(f"{body.doc} crashed in {os.getpid()}")
    os._exit(1)


@commands.command(executor="documents")
def anywhere() -> int:
    return os.getpid()


EXECUTORS = {
    "one": ProcessPool(workers=1),
    "documents": ProcessPool(workers=2, quarantine=None),
}


def main() -> int:
    with start_blocking_portal("asyncio") as portal:
        handler = commands.generate_handler(portal, executors=EXECUTORS)
        return builder_factory().build(context_factory(HERE), invoke_handler=handler).run_return()


if __name__ == "__main__":
    sys.exit(main())
