"""Runs calls in a process of Ray, as a worker process of the app runs them."""

import os
import pickle
import signal
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from .. import _fork
from .._call.temporary import folders
from .._executors.surroundings import change_environment, unpack
from .._worker import logs
from .._worker.link.frames import CALL, Frame
from .._worker.serve import WorkerServer
from .entry import BEGUN, Answer
from .outlet import RelayInbox, RelayOutlet

APART = 64 * 1024
"""Bodies from this size on are not copied into a message of Ray's."""


class Remote:
    """What runs calls in this process: one after another."""

    def __init__(self, setup: dict[str, Any], relay: Any) -> None:
        self._setup = setup
        self._relay = relay
        self._ray: Any = import_module("ray")
        self._outlet = RelayOutlet(setup["most"], self._put)
        self._ear = RelayInbox(self._hear, self._wait)
        self._ended = threading.Event()
        self._worker: WorkerServer | None = None
        prepare(setup)
        logs.join(self._outlet, setup["worker"], setup["log_levels"])

    def run(self, head: dict[str, Any], body: Any) -> Answer:
        """Runs a call to its end. The app's modules are imported before the first one."""
        worker = self._begun()
        self._ended.clear()
        self._outlet.begin(head["id"])
        if (left := head["left"]) is not None:
            # As far as the clocks of two machines agree.
            head["left"] = max(0.0, left - max(0.0, time.time() - head["at"]))
        call = worker.admit(Frame(CALL, head, flat(body)))
        listening = self._ear.follow(call.id, worker.hear)
        try:
            worker.run_call(call)
            # An `async def` runs on the loop of this process.
            self._ended.wait()
        finally:
            listening.over.set()
        relayed, frames = self._outlet.end()
        if any(about.pop("unfit", False) for _, about, _ in frames):
            # Its event loop has ended, for one: the next call begins anew.
            worker.close()
            self._worker = None
        return relayed, [(kind, about, packed(body)) for kind, about, body in frames]

    def _begun(self) -> WorkerServer:
        if self._worker is None:
            worker = WorkerServer(self._outlet, self._setup, lambda _: self._ended.set())
            worker.load()
            self._worker = worker
        return self._worker

    # What goes through the relay.

    def _put(self, call: int, frames: list[Any]) -> None:
        self._ray.get(self._relay.put.remote(call, frames))

    def _hear(self, call: int, *, first: bool) -> Any:
        if first:
            about = {"pid": os.getpid(), "node": self._ray.util.get_node_ip_address()}
            self._relay.put.remote(call, [(BEGUN, about, b"")])
        return self._relay.hear.remote(call)

    def _wait(self, asked: Any, seconds: float) -> Any:
        done, _ = self._ray.wait([asked], timeout=seconds)
        return self._ray.get(done[0]) if done else None


def flat(body: Any) -> bytearray | memoryview:
    """The body as a worker's frame has it."""
    return bytearray(body) if isinstance(body, bytes) else memoryview(body)


def packed(body: Any) -> Any:
    """A body as Ray takes it."""
    return pickle.PickleBuffer(body) if len(body) >= APART else bytes(body)


remote: Remote | None = None
"""What runs the calls in this process, from the first one on."""


def run(setup: dict[str, Any], relay: Any, head: dict[str, Any], body: Any) -> Answer:
    """Runs a call."""
    global remote  # noqa: PLW0603 - a process of Ray's has one
    if remote is None:
        remote = Remote(setup, relay)
    return remote.run(head, body)


def pass_over(_signum: int, _frame: FrameType | None) -> None:
    """Handles a signal by doing nothing. One that is ignored would stay so in child processes."""


def prepare(setup: dict[str, Any]) -> None:
    """Copies settings of the host into this process, as far as this node has what they name."""
    there = [it for it in map(unpack, setup["sys_path"]) if Path(it).exists()]
    sys.path[:] = [*there, *(it for it in sys.path if it not in there)]
    sys.argv[:] = map(unpack, setup["argv"])
    if setup["cwd"] is not None and Path(folder := unpack(setup["cwd"])).is_dir():
        os.chdir(folder)
    change_environment(setup["env"])
    if main := setup["main"]:
        setup["main"] = {name: value and unpack(value) for name, value in main.items()}
    # Ray asks a task to stop by this signal. Ours hear it through the relay, with less delay.
    signal.signal(signal.SIGINT, pass_over)
    folders.choose(Path(setup["temp"]) / str(os.getpid()))
    _fork.watch()
