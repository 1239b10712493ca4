import asyncio
import os
import time

from transom import Cancelled, Commands

from . import helper

commands = Commands()
TIMEOUT = 4.0


@commands.command(timeout=TIMEOUT)
async def on_the_loop() -> str:
    return "on the loop"  # breakpoint: loop


@commands.command(timeout=TIMEOUT)
def in_a_thread() -> str:
    return "in a thread"  # breakpoint: thread


@commands.command(executor="process", timeout=TIMEOUT)
def in_a_worker() -> str:
    return f"{helper.name()} in a worker"  # breakpoint: worker


@commands.command(executor="process")
def cleans_up() -> None:
    try:
        while True:
            time.sleep(0.01)
    except Cancelled:
        raise  # breakpoint: grace


@commands.command(executor="process")
def worker() -> int:
    return os.getpid()


@commands.command(timeout=0.5)
async def too_late() -> None:
    await asyncio.sleep(3600)
