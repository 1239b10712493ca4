"""Test commands that start processes of their own. Each returns what it saw of them."""

import asyncio
import logging
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import trio
from sniffio import current_async_library

DEADLINE = 120.0


def ended(pid: int) -> int:
    """The exit code of a child, or its signal as a negative number. One that hangs is killed."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError("the fork did not end")


def leave_at_once(_ctx: Any) -> int:
    if (pid := os.fork()) == 0:
        os._exit(7)
    return ended(pid)


def leave_by_sys_exit(_ctx: Any) -> int:
    if (pid := os.fork()) == 0:
        logging.getLogger("fork").warning("a line of a fork")
        sys.exit(7)
    return ended(pid)


def come_back(_ctx: Any) -> int:
    """The child returns from the command."""
    pid = os.fork()
    return ended(pid) if pid else 99


def fail(_ctx: Any) -> int:
    if (pid := os.fork()) == 0:
        raise ValueError("raised in a fork")
    return ended(pid)


def signalled(number: int, _ctx: Any) -> int:
    """How a fork takes a signal that comes as early as one can."""
    if (pid := os.fork()) == 0:
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            time.sleep(0.01)
            # This runs handlers. Since 3.13 Python does not do so between two steps of its code, in
            # a fork of another thread than the main one.
            signal.pthread_sigmask(signal.SIG_BLOCK, [])
        os._exit(9)
    os.kill(pid, number)
    return ended(pid)


def terminate(method: str, _ctx: Any) -> int | None:
    context: Any = multiprocessing.get_context(method)
    process = context.Process(target=time.sleep, args=(DEADLINE,), daemon=True)
    process.start()
    if method != "fork":  # where it would end before it has taken over its arguments
        time.sleep(0.2)
    process.terminate()
    process.join(DEADLINE)
    return process.exitcode


def pool(method: str, _ctx: Any) -> list[int]:
    with multiprocessing.get_context(method).Pool(2) as workers:
        return workers.map(abs, [-1, -2, -3])


def executor(_ctx: Any) -> list[int]:
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(2, mp_context=context) as workers:
        return list(workers.map(abs, [-1, -2, -3]))


def spawn(prepare: Callable[[], object] | None, _ctx: Any) -> list[int]:
    code = "import sys, time; print('up', flush=True); time.sleep(30)"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509 - what it is about
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
    blocked = subprocess.run(
        ["sh", "-c", "grep SigBlk /proc/self/status"],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=prepare,
    )
    return [process.returncode, int(blocked.stdout.split()[1], 16)]


def ignored(_ctx: Any) -> int:
    """The mask of the signals that a program ignores which is started here.

    Without the system's own two, 32 and 33, which programs cannot use.
    """
    status = subprocess.run(["cat", "/proc/self/status"], capture_output=True, check=True).stdout
    return int(status.partition(b"SigIgn:")[2].split()[0], 16) & ~(3 << 31)


ACTS: dict[str, Callable[[Any], Any]] = {
    "leave_at_once": leave_at_once,
    "leave_by_sys_exit": leave_by_sys_exit,
    "come_back": come_back,
    "fail": fail,
    "interrupt": partial(signalled, signal.SIGINT),
    "terminate": partial(signalled, signal.SIGTERM),
    "user1": partial(signalled, signal.SIGUSR1),
    "terminate_fork": partial(terminate, "fork"),
    "terminate_forkserver": partial(terminate, "forkserver"),
    "terminate_spawn": partial(terminate, "spawn"),
    "pool_fork": partial(pool, "fork"),
    "pool_forkserver": partial(pool, "forkserver"),
    "pool_spawn": partial(pool, "spawn"),
    "executor": executor,
    "spawn": partial(spawn, None),
    "spawn_prepared": partial(spawn, os.getpid),
    "ignored": ignored,
}


async def come_back_later(_ctx: Any) -> int:
    """The child gives the event loop its turn."""
    if pid := os.fork():
        return ended(pid)
    if current_async_library() == "trio":
        await trio.lowlevel.checkpoint()
    else:
        await asyncio.sleep(0)
    os._exit(99)


async def leave_a_callback(_ctx: Any) -> int:
    """The child comes back from a callback of the event loop."""
    pids: queue.SimpleQueue[int] = queue.SimpleQueue()

    def fork() -> None:
        if pid := os.fork():
            pids.put(pid)

    if current_async_library() == "trio":
        trio.lowlevel.current_trio_token().run_sync_soon(fork)
        await trio.sleep(0.1)
    else:
        asyncio.get_running_loop().call_soon(fork)
        await asyncio.sleep(0.1)
    return ended(pids.get(timeout=DEADLINE))


LATER = {"come_back_later": come_back_later, "leave_a_callback": leave_a_callback}


def refusals(calls: dict[str, Callable[[], Any]]) -> list[str]:
    """The calls that a fork makes and that do not raise `ForkedError`, with what they do."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        for name, call in calls.items():
            said = refusal(call)
            if said is not None:
                os.write(writer, f"{name} {said}\n".encode())
        os._exit(0)
    os.close(writer)
    try:
        code = ended(pid)
    finally:
        with os.fdopen(reader) as lines:
            told = lines.read().splitlines()
    return told if code == 0 else [*told, f"ended with {code}"]


def refusal(call: Callable[[], Any]) -> str | None:
    try:
        done = call()
    except RuntimeError as error:
        return None if type(error).__name__ == "ForkedError" else repr(error)
    except BaseException as error:  # noqa: BLE001 - it is what is looked for
        return repr(error)
    with suppress(AttributeError):
        done.close()
    return f"gave {done!r}"
