"""Forks a pool's workers from a process that has imported their modules. Linux only.

`src/workers/process/zygote.rs` is the other end.

It is one thread and runs nothing of the app's but the imports that `ProcessPool.preload` names.
What is asked and answered is one JSON text each, in a datagram.
"""

import asyncio
import gc
import importlib.metadata
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from json import dumps, loads
from typing import Any, NoReturn, cast

import anyio.from_thread
import pydantic

from ... import _fork
from ..._executors.surroundings import take_position
from ..._swapping import PLACE
from .. import serve, tasks
from ..boot import MARK, die_with_parent, link_of
from .family import kill_family
from .preload import REASON, Preloaded, Unloadable, count_threads, other_threads

WARM = (asyncio, anyio.from_thread, importlib.metadata, serve, tasks)
"""The modules that every worker needs. Pydantic looks for plugins in the metadata of packages."""

HOST_GONE = signal.SIGRTMIN + 6
"""The signal that the system sends when the host's thread has ended."""

QUESTION = 1 << 20
"""The longest question, in bytes."""


class Zygote:
    """Answers the host until it is gone, then ends the workers too."""

    def __init__(self, host: socket.socket, *, is_relayed: bool = False) -> None:
        """`is_relayed`: a `ForkRelay` is its host, and is to be the parent of the workers."""
        self._host = host
        self._is_relayed = is_relayed
        self._workers: set[int] = set()
        self._preloaded = Preloaded()
        self._on_child: _fork.SignalHandler = signal.SIG_DFL
        """What the workers do with SIGCHLD."""

    def serve(self) -> socket.socket:
        """Answers the host. Returns in each worker, with its link, and never in the zygote."""
        while True:
            (what, about), fds = self._receive()
            if what == "fork":
                if self._fork():
                    return self._become_worker(about, fds)
                for fd in fds:
                    os.close(fd)
            elif what == "prepare":
                self._prepare(about)
            elif what == "reap":
                with suppress(OSError):
                    self._host.send(reap(self._workers, about))

    def _receive(self) -> tuple[tuple[str, Any], list[int]]:
        text, fds = receive(self._host)
        if not text:
            self._end()
        ((what, about),) = cast("dict[str, Any]", loads(text)).items()
        return (what, about), fds

    def _answer(self, what: str, about: Any = None) -> None:
        text = dumps(what if about is None else {what: about}, ensure_ascii=False)
        # A host that is gone is noticed by the next look for a question.
        with suppress(OSError):
            # A path in a reason may be no UTF-8.
            self._host.send(text.encode(errors="replace"))

    def _prepare(self, about: dict[str, Any]) -> None:
        """Imports what the host asks for, or reports modules that cannot be preloaded."""
        take_position(about)
        if not self._is_relayed:
            warm_pydantic()
        if unloadable := self._preloaded.load(about["preload"]):
            self._answer("without", without(unloadable))
            return
        # Else the system reaps workers by itself (SIG_IGN, which a program inherits), or a handler
        # of a module does. It is the workers', and theirs alone.
        self._on_child = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Memory that is never looked at again stays shared.
        gc.collect()
        gc.freeze()
        # It has to outlive the host for a moment, to end its workers: also when the end of the link
        # does not come, since a fork of the host holds the other end.
        signal.signal(HOST_GONE, self._on_host_gone)
        die_with_parent(HOST_GONE)
        if (reason := unfit()) is None:
            self._answer("ready")
        else:
            self._answer("refused", reason)

    def _fork(self) -> bool:
        """Forks a worker. True: this is the worker."""
        if (reason := unfit()) is not None:
            self._answer("refused", reason)
            return False
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = fork_for_parent() if self._is_relayed else os.fork()
        except OSError as error:
            self._answer("failed", str(error))
            return False
        if pid == 0:
            return True
        if not self._is_relayed:
            self._workers.add(pid)
        self._answer("pid", pid)
        return False

    def _become_worker(self, environment: list[tuple[str, str]], fds: list[int]) -> socket.socket:
        """Makes this process the same as a worker that was started by itself."""
        os.setsid()
        signal.signal(HOST_GONE, signal.SIG_DFL)
        if self._on_child is not None:  # a handler that C code has set
            signal.signal(signal.SIGCHLD, self._on_child)
        self._host.close()
        link, out, err = fds
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        os.environb.clear()
        os.environb.update({k.encode("latin-1"): v.encode("latin-1") for k, v in environment})
        for name in (MARK, PLACE):
            os.environ.pop(name, None)
        self._preloaded.settle()
        return link_of(link)

    def _on_host_gone(self, _signum: int, _frame: object) -> None:
        self._end()

    def _end(self) -> NoReturn:
        for pid in self._workers:
            kill_family(pid)
        os._exit(0)


def fork_for_parent() -> int:
    """Forks a process whose parent ends at once, so that it goes to who adopts those of this one.
    In the fork: 0.
    """
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            pid = os.fork()
        except OSError:
            os._exit(1)
        if pid != 0:
            os.write(writing, str(pid).encode())
            os._exit(0)
    os.close(writing)
    if between == 0:
        os.close(reading)
        return 0
    with os.fdopen(reading, "rb") as told:
        pid = told.read()
    os.waitpid(between, 0)
    if not pid:
        raise OSError("no process can be started")
    return int(pid)


def receive(host: socket.socket) -> tuple[str, list[int]]:
    """The host's next question, with the descriptors that came with it. "": the host is gone."""
    try:
        text, fds, *_ = socket.recv_fds(host, QUESTION, 3, socket.MSG_CMSG_CLOEXEC)
    except ConnectionError:
        return "", []
    return text.decode(), fds


def reap(workers: set[int], pid: int) -> bytes:
    """Reaps an ended worker, only when the host asks, because it may kill until then. The answer
    to the host.
    """
    try:
        done, status = os.waitpid(pid, os.WNOHANG) if pid in workers else (0, 0)
    except ChildProcessError:  # something else has reaped it
        workers.discard(pid)
        done, status = 0, 0
    if not done:
        return dumps({"failed": f"the process {pid} has not ended"}).encode()
    workers.discard(pid)
    code = os.waitstatus_to_exitcode(status)
    ended = {"code": code, "signal": None} if code >= 0 else {"code": None, "signal": -code}
    return dumps({"ended": ended}).encode()


def warm_pydantic() -> None:
    """Loads what pydantic loads for its first model, which saves each worker 30 ms."""
    with without_plugins():
        pydantic.create_model("Sample", name=(str, ...))(name="")
        pydantic.TypeAdapter(list[int]).validate_python([0])


@contextmanager
def without_plugins() -> Generator[None]:
    """Disables pydantic's plugins, which belong to the app and may start threads."""
    name = "PYDANTIC_DISABLE_PLUGINS"
    chosen = os.environ.get(name)
    os.environ[name] = "__all__"
    try:
        yield
    finally:
        if chosen is None:
            del os.environ[name]
        else:
            os.environ[name] = chosen


def without(unloadable: list[Unloadable]) -> dict[str, Any]:
    """The answer that names modules which cannot be preloaded."""
    return {
        "modules": [it.module for it in unloadable],
        "reason": "; ".join(it.reason for it in unloadable)[:REASON],
    }


def unfit() -> str | None:
    """Why this process must not fork: the child would have only one of its threads."""
    count = count_threads()
    if count == 1:
        return None
    return f"it has {count} threads ({', '.join(other_threads())}), which a fork would lose"
