"""The process that forks a pool's workers. Linux. `src/workers/zygote.rs` is the other end.

It is one thread and runs nothing of the app's but the imports that `ProcessPool.preload` names.
What is asked and answered is one JSON text each, in a datagram.
"""

import asyncio
import gc
import importlib.metadata
import json
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, cast

import anyio.from_thread
import pydantic

from . import serve, tasks
from .boot import MARK, die_with_parent
from .family import kill_family
from .preload import REASON, Preloaded, Unloadable, count_threads, other_threads

WARM = (asyncio, anyio.from_thread, importlib.metadata, serve, tasks)
"""What every worker needs. Pydantic looks for its plugins in the metadata of packages."""

HOST_GONE = signal.SIGRTMIN + 6
"""The signal that the system sends when the host's thread is gone."""

QUESTION = 1 << 20
"""Bytes of the longest question."""


class Zygote:
    """Answers the host until it is gone; then its workers go too."""

    def __init__(self, host: socket.socket) -> None:
        self._host = host
        self._workers: set[int] = set()
        self._preloaded = Preloaded()

    def serve(self) -> socket.socket:
        """Returns in each worker, with its link, and never in the zygote."""
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
                self._reap(about)

    def _receive(self) -> tuple[tuple[str, Any], list[int]]:
        try:
            text, fds, *_ = socket.recv_fds(self._host, QUESTION, 3, socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            self._end()
        if not text:
            self._end()
        ((what, about),) = cast("dict[str, Any]", json.loads(text)).items()
        return (what, about), fds

    def _answer(self, what: str, about: Any = None) -> None:
        # A host that is gone is noticed by the next look for a question.
        with suppress(OSError):
            self._host.send(json.dumps(what if about is None else {what: about}).encode())

    def _prepare(self, about: dict[str, Any]) -> None:
        """Imports what is asked for. Of what cannot be the host is told, and starts another."""
        sys.path[:] = about["sys_path"]
        sys.argv[:] = about["argv"]
        serve.change_directory(about["cwd"])
        warm_pydantic()
        if unloadable := self._preloaded.load(about["preload"]):
            self._answer("without", without(unloadable))
            return
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
        """True: this is the worker."""
        if (reason := unfit()) is not None:
            self._answer("refused", reason)
            return False
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            self._answer("failed", str(error))
            return False
        if pid == 0:
            return True
        self._workers.add(pid)
        self._answer("pid", pid)
        return False

    def _become_worker(self, environment: list[tuple[str, str]], fds: list[int]) -> socket.socket:
        """Makes this process what one is that was started by itself."""
        os.setsid()
        signal.signal(HOST_GONE, signal.SIG_DFL)
        self._host.close()
        link, out, err = fds
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        os.environb.clear()
        os.environb.update({k.encode("latin-1"): v.encode("latin-1") for k, v in environment})
        os.environ.pop(MARK, None)
        self._preloaded.settle()
        return socket.socket(fileno=link)

    def _reap(self, pid: int) -> None:
        """A worker that has ended: only when the host asks, who may kill until then."""
        done, status = os.waitpid(pid, os.WNOHANG) if pid in self._workers else (0, 0)
        if not done:
            self._answer("failed", f"the process {pid} has not ended")
            return
        self._workers.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        ended = {"code": code, "signal": None} if code >= 0 else {"code": None, "signal": -code}
        self._answer("ended", ended)

    def _on_host_gone(self, _signum: int, _frame: object) -> None:
        self._end()

    def _end(self) -> NoReturn:
        for pid in self._workers:
            kill_family(pid)
        os._exit(0)


def warm_pydantic() -> None:
    """Loads the parts that pydantic loads for its first model: 30 ms that no worker takes again."""
    with without_plugins():
        pydantic.create_model("Sample", name=(str, ...))(name="")
        pydantic.TypeAdapter(list[int]).validate_python([0])


@contextmanager
def without_plugins() -> Generator[None]:
    """Pydantic's plugins are the app's, and may start threads: they are for the workers."""
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
    """What the host is told of modules that cannot be preloaded."""
    return {
        "modules": [it.module for it in unloadable],
        "reason": "; ".join(it.reason for it in unloadable)[:REASON],
    }


def unfit() -> str | None:
    """Why this process must not fork: the child would have only the one thread."""
    count = count_threads()
    if count == 1:
        return None
    return f"it has {count} threads ({', '.join(other_threads())}), which a fork would lose"
