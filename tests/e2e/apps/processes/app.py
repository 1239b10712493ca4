"""Test app: commands in worker processes; `journal.txt` beside this file records what ran."""

import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
from pydantic import BaseModel

import transom
from transom import AppHandle, CallContext, Commands, InvokeException, ProcessPool, Worker
from transom.ipc import Headers

HERE = Path(__file__).parent
JOURNAL = HERE / "journal.txt"
commands = Commands()
loaded_by: list[int] = []
seen: list[Worker] = []


class Point(BaseModel):
    x: int
    y: int


def note(line: str) -> None:
    with JOURNAL.open("a") as journal:
        journal.write(line + "\n")


def load_model() -> None:
    loaded_by.append(os.getpid())


@commands.command()
async def ping() -> str:
    return "pong"


@commands.command("journal")
async def read_journal() -> list[str]:
    return JOURNAL.read_text().splitlines() if JOURNAL.exists() else []


@commands.command()
async def host_pid() -> int:
    return os.getpid()


@commands.command()
async def running(app_handle: AppHandle) -> list[str]:
    return [call.command for call in app_handle.calls() if call.command != "running"]


@commands.command()
async def metrics() -> dict[str, Any]:
    return asdict(transom.metrics())


@commands.command()
async def kill_worker(body: int, app_handle: AppHandle) -> bool:
    found = [it for it in app_handle.workers() if (it.pool, it.id) == ("process", body)]
    return any(worker.kill() for worker in found)


@commands.command()
async def look_at_workers(app_handle: AppHandle) -> None:
    seen.extend(app_handle.workers())


@commands.command()
async def kill_seen_worker(body: int) -> bool:
    return any(it.kill() for it in seen if (it.pool, it.id) == ("process", body))


@commands.command(executor="process")
def pid() -> int:
    return os.getpid()


def square(number: int) -> int:
    return number * number


@commands.command(executor="process")
def spread(body: str) -> list[int]:
    with multiprocessing.get_context(body).Pool(1) as pool:
        return pool.map(square, [1, 2, 3])


@commands.command(executor="process")
def maps() -> str:
    return Path("/proc/self/maps").read_text()


@commands.command(executor="process")
def mirror(body: Point) -> Point:
    return Point(x=body.y, y=body.x)


@commands.command(executor="process")
def flip(body: bytes) -> bytes:
    return bytes(reversed(body))


@commands.command(executor="process")
def weigh(body: bytes) -> int:
    return len(body)


@commands.command(executor="process")
def nothing() -> None:
    return None


@commands.command(executor="process")
def refuse() -> None:
    raise InvokeException("not today")


@commands.command(executor="process")
def boom() -> None:
    raise ValueError("boom")


@commands.command(executor="process")
def leave() -> None:
    sys.exit(3)


@commands.command(executor="process")
def unsendable() -> int:
    return object()  # type: ignore[return-value]


@commands.command(executor="process")
def about(headers: Headers, ctx: CallContext) -> list[str]:
    values = [value.decode() for name, value in headers if name == b"x-word"]
    return [ctx.window, ctx.command, str(ctx.id > 0), str(ctx.cancelled), *values]


@commands.command(executor="process")
def steps(body: int, ctx: CallContext) -> int:
    return sum(ctx.track(range(body)))


@commands.command(executor="process")
def spin(body: str) -> None:
    """Never looks at its context."""
    try:
        note(f"{body} started")
        while True:
            pass
    finally:
        note(f"{body} finally")


@commands.command(executor="process")
def spin_and_fail(body: str) -> None:
    try:
        spin(body)
    finally:
        raise OSError("the lock file is gone")


@commands.command(executor="process")
async def nap_and_fail(body: str) -> None:
    try:
        note(f"{body} started")
        await anyio.sleep_forever()
    finally:
        raise OSError("the lock file is gone")


@commands.command(executor="process")
def shielded(body: float, ctx: CallContext) -> None:
    try:
        note("shield started")
        with ctx.shield():
            end = time.monotonic() + body
            while time.monotonic() < end:
                pass
            note("shield done")
        while True:
            pass
    finally:
        note("shield finally")


@commands.command(executor="impatient")
def stuck(body: str) -> None:
    """In C for hours, deaf to signals."""
    try:
        note(f"{body} started")
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    finally:
        note(f"{body} finally")


@commands.command(executor="process")
def nap(body: float) -> int:
    time.sleep(body)
    return os.getpid()


@commands.command(executor="process")
def nap_until(body: str) -> int:
    """Ends when the test has made this file in the app's folder."""
    while not (HERE / body).exists():
        time.sleep(0.01)
    return os.getpid()


@commands.command(executor="process")
def meet(body: str) -> int:
    """Ends when two calls of this name have begun."""
    note(body)
    end = time.monotonic() + 200
    while JOURNAL.read_text().splitlines().count(body) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    return os.getpid()


@commands.command(executor="process")
def exit_at_once() -> None:
    print("last words", file=sys.stderr)
    os._exit(7)


@commands.command(executor="process")
def segfault() -> None:
    ctypes.string_at(0)


@commands.command(executor="process")
def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@commands.command(executor="process")
def crash(body: bool) -> str:
    if body:
        os._exit(1)
    return "alive"


@commands.command(executor="process", idempotent=True)
def crash_once(body: str) -> int:
    note(body)
    starts = JOURNAL.read_text().splitlines().count(body)
    if starts == 1:
        os._exit(1)
    return starts


@commands.command(executor="process", idempotent=True)
def count_and_crash(body: int) -> Iterator[int]:
    note("counting")
    yield from range(body)
    # What was yielded is on its way before the next step of the generator.
    os._exit(1)


@commands.command(executor="small")
def fill_memory() -> int:
    hoard = [bytearray(os.urandom(1 << 20)) for _ in range(4000)]
    return len(hoard)


@commands.command(executor="sturdy")
def endure(body: float) -> int:
    time.sleep(body)
    return os.getpid()


@commands.command()
def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@commands.command(executor="model")
def model() -> list[int]:
    return [os.getpid(), *loaded_by]


@commands.command(executor="fleeting")
def fleeting() -> int:
    return os.getpid()


@commands.command(executor="process")
async def async_nap(body: float) -> int:
    note("async started")
    try:
        await anyio.sleep(body)
    finally:
        note("async finally")
    return os.getpid()


EXECUTORS = {
    # On a machine with much to do a worker may take its time to come to its clean-up.
    "process": ProcessPool(workers=2, grace=20.0, start_timeout=300.0),
    "impatient": ProcessPool(workers=1, grace=0.3),
    "small": ProcessPool(workers=1, max_memory=400 << 20),
    "model": ProcessPool(workers=1, initializer=load_model),
    "sturdy": ProcessPool(workers=2, quarantine=None, max_restarts=None),
    "fleeting": ProcessPool(workers=1, recycle_after=2),
}


def main() -> int:
    with anyio.from_thread.start_blocking_portal("asyncio") as portal:
        return (
            transom.builder_factory()
            .build(
                transom.context_factory(HERE),
                invoke_handler=commands.generate_handler(portal, executors=EXECUTORS),
            )
            .run_return()
        )


if __name__ == "__main__":
    import anyio.from_thread

    sys.exit(main())
