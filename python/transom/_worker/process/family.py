"""Finds and ends the processes that a worker has started. They are only seen on Linux.

`src/workers/process/family.rs` is the host's view of the same processes.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..._loops.system import Clock

PROC = Path("/proc")
SERVICES = (b"resource_tracker import main", b"forkserver import main")
"""Parts of the command lines of processes that are started once, for all calls to come."""
TRACKER = SERVICES[0]
"""The resource tracker unlinks shared memory when all its users have ended, so it is not killed."""

PATIENCE = 0.3
"""Seconds from SIGTERM to SIGKILL."""
RETURN = 0.15
"""Seconds within which a process pool has replaced the processes that it has lost."""


class Process(NamedTuple):
    """A process, as the system describes it."""

    pid: int
    state: str
    parent: int
    session: int
    started: int
    """The start time, in ticks since the machine was started."""


def now() -> int:
    """The time, as `Process.started` has it."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def all_processes() -> dict[int, Process]:
    """All processes of this machine, by id."""
    found = dict[int, Process]()
    with suppress(OSError):
        for name in os.listdir(PROC):  # noqa: PTH208 - an object for each is too slow
            if name.isdigit() and (process := look_at(int(name))):
                found[process.pid] = process
    return found


def look_at(pid: int) -> Process | None:
    """The process with this id. `None`: it is gone, or this system does not tell."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # After the name, which is in brackets and may hold anything.
    fields = text.rpartition(") ")[2].split()
    return Process(pid, fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def family(root: int) -> list[Process]:
    """The session that `root` leads and what descends from it, without itself."""
    there = all_processes()
    members = {pid for pid, it in there.items() if it.session == root} | {root}
    more = True
    while more:
        children = {pid for pid, it in there.items() if it.parent in members}
        more = not children <= members
        members |= children
    return [there[pid] for pid in members if pid != root and there[pid].state not in "ZX"]


def is_service(pid: int, marks: tuple[bytes, ...] = SERVICES) -> bool:
    """Whether a process serves all calls of its worker, and not only one."""
    try:
        line = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
    return any(mark in line for mark in marks)


def end_since(started: int) -> bool:
    """Ends what this process has started since that time. Returns whether more came meanwhile."""
    left = _since(started)
    if not left:
        return False
    _end(left)
    Clock.sleep(RETURN)
    again = _since(started)
    _end(again)
    return bool(again)


def _since(started: int) -> list[Process]:
    mine = family(os.getpid())
    return [it for it in mine if it.started >= started and not is_service(it.pid)]


def _end(processes: list[Process]) -> None:
    for process in processes:
        _signal(process, signal.SIGTERM)
    end = Clock.monotonic() + PATIENCE
    while any(map(_lives, processes)) and Clock.monotonic() < end:
        Clock.sleep(0.005)
    for process in processes:
        _signal(process, signal.SIGKILL)


def _lives(process: Process) -> bool:
    found = look_at(process.pid)
    return found is not None and found.started == process.started and found.state not in "ZX"


def _signal(process: Process, number: int) -> None:
    if _lives(process):
        with suppress(OSError):
            os.kill(process.pid, number)


def kill_family(root: int) -> None:
    """Kills the processes of a worker, and it last; not the trackers, which then clean up.

    Where nothing is seen of them, its process group.
    """
    if look_at(root) is None:
        with suppress(OSError):
            os.killpg(root, signal.SIGKILL)
        return
    kill_members(root)
    with suppress(OSError):
        os.kill(root, signal.SIGKILL)


def kill_members(root: int) -> None:
    """Kills the processes that a worker has started; not the trackers, which then clean up."""
    for process in family(root):
        if not is_service(process.pid, (TRACKER,)):
            _signal(process, signal.SIGKILL)
