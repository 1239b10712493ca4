"""Test app: commands with every kind of queue; `journal` records what ran, and in which order."""

import sys
import time
from pathlib import Path

import anyio
from anyio.from_thread import start_blocking_portal

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    DropOldest,
    Latest,
    Limits,
    Reject,
    Serial,
    ThreadExecutor,
    Wait,
    builder_factory,
    context_factory,
)

commands = Commands()
journal: list[str] = []
released = anyio.Event()
Named = dict[str, str | int]


@commands.command("journal")
async def read_journal() -> list[str]:
    return journal


@commands.command()
async def running(app_handle: AppHandle) -> list[str]:
    return [call.command for call in app_handle.calls() if call.command != "running"]


@commands.command()
async def queued_bytes() -> int:
    return transom.metrics().queued_bytes


@commands.command()
async def release() -> None:
    """Lets every held call end, those to come too."""
    released.set()


@commands.command()
async def reset() -> None:
    global released
    journal.clear()
    released = anyio.Event()


async def held(name: object) -> str:
    journal.append(f"{name} started")
    try:
        await released.wait()
    finally:
        journal.append(f"{name} ended")
    return str(name)


@commands.command(queue=Latest())
async def latest(body: str) -> str:
    return await held(body)


@commands.command(queue=Latest("/doc"), concurrency=1)
async def latest_of_doc(body: Named) -> str:
    return await held(body["name"])


@commands.command(queue=Latest(cancel_running=True))
async def latest_only(body: str) -> str:
    return await held(body)


@commands.command(queue=DropOldest(2))
async def newest_two(body: str) -> str:
    return await held(body)


@commands.command(queue=Serial("/doc"))
async def serial(body: Named) -> str:
    return await held(body["name"])


@commands.command(concurrency=1, concurrency_per="window")
async def one_per_window(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1, queue=Wait(2, max_wait=0.4))
async def impatient(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1, queue=Wait(2, max_wait=600))
async def patient(body: str) -> str:
    return await held(body)


@commands.command(executor="one", queue=Wait(1024, max_wait=0.4))
def impatient_thread(body: str) -> str:
    journal.append(f"{body} started")
    return body


@commands.command(concurrency=1, timeout=2)
async def short(body: str) -> str:
    return await held(body)


@commands.command(concurrency=1)
async def long(body: str) -> str:
    return await held(body)


@commands.command()
async def time_left(ctx: CallContext) -> float | None:
    return None if ctx.deadline is None else ctx.deadline - time.monotonic()


@commands.command()
def until_cancelled(body: str, ctx: CallContext) -> None:
    journal.append(f"{body} started")
    try:
        while True:
            ctx.check()
            time.sleep(0.005)
    finally:
        journal.append(f"{body} ended")


@commands.command(executor="one")
def in_turn(body: float, ctx: CallContext) -> None:
    """Sleeps in the one thread that all windows share."""
    journal.append(f"{ctx.window} in turn")
    time.sleep(body)


@commands.command(executor="one")
def hold_the_thread() -> None:
    """Until `release`, in the one thread that all windows share."""
    end = released
    journal.append("the thread is held")
    while not end.is_set():
        time.sleep(0.005)


@commands.command(concurrency=1)
async def one_by_one(body: float, ctx: CallContext) -> None:
    journal.append(f"{ctx.window} one by one")
    await anyio.sleep(body)


@commands.command(executor="one")
def named_turn(body: str) -> None:
    journal.append(body)
    time.sleep(0.02)


@commands.command(concurrency=1)
async def size(body: bytes) -> int:
    await anyio.sleep(0.02)
    return len(body)


@commands.command(concurrency=8)
async def quick_size(body: bytes) -> int:
    return len(body)


@commands.command(concurrency=1, queue=Reject())
async def alone(body: int) -> int:
    return body


@commands.command(concurrency=1, queue=Reject())
def alone_in_a_thread(body: int) -> int:
    return body


@commands.command(concurrency=1, queue=Reject(), executor="process")
def alone_in_a_process(body: int) -> int:
    return body


@commands.command(concurrency=1)
async def hold_bytes(body: bytes) -> int:
    await held(f"{len(body)} bytes")
    return len(body)


@commands.command()
async def make(body: int) -> bytes:
    return bytes(body)


if __name__ == "__main__":
    limits = Limits(calls=60, queued_bytes=1 << 20, result_bytes=2 << 20)
    with start_blocking_portal("asyncio") as portal:
        handler = commands.generate_handler(
            portal, executors={"one": ThreadExecutor(workers=1)}, limits=limits
        )
        context = context_factory(Path(__file__).parent)
        sys.exit(builder_factory().build(context, invoke_handler=handler).run_return())
