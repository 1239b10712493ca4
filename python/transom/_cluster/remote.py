"""Runs calls in a process of Ray, as a worker process of the app runs them."""

import os
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
from .entry import BEGUN, Packed, packed_answer, unpacked
from .outlet import RelayInbox, RelayOutlet


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

    def run(self, data: Packed) -> Packed:
        """Runs a call to its end. The app's modules are imported before the first one."""
        head, body = unpacked(data)
        worker = self._begun()
        self._ended.clear()
        key = head.pop("key")
        self._outlet.begin(key)
        if (left := head["left"]) is not None:
            # As far as the clocks of two machines agree.
            head["left"] = max(0.0, left - max(0.0, time.time() - head["at"]))
        call = worker.admit(Frame(CALL, head, flat(body)))
        listening = self._ear.follow(key, worker.hear)
        try:
            worker.run_call(call)
            # An `async def` runs on the loop of this process.
            self._ended.wait()
        finally:
            listening.over = True
        relayed, frames = self._outlet.end()
        if any(about.pop("unfit", False) for _, about, _ in frames):
            # Its event loop has ended, for one: the next call begins anew.
            worker.close()
            self._worker = None
        # A server for Ray's client cannot send on what lies in the object store.
        return packed_answer(relayed, frames, whole=self._setup.get("by_client", False))

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
            about = {
                "pid": os.getpid(),
                "node": self._ray.util.get_node_ip_address(),
                "node_id": self._ray.get_runtime_context().get_node_id(),
            }
            self._relay.put.remote(call, [(BEGUN, about, b"")])
        return self._relay.hear.remote(call)

    def _wait(self, asked: Any, seconds: float) -> Any:
        done, _ = self._ray.wait([asked], timeout=seconds)
        return self._ray.get(done[0]) if done else None


def flat(body: Any) -> bytearray | memoryview:
    """The body as a worker's frame has it."""
    return bytearray(body) if isinstance(body, bytes) else memoryview(body)


remote: Remote | None = None
"""What runs the calls in this process, from the first one on."""


def run(setup: dict[str, Any], relay: Any, data: Packed) -> Packed:
    """Runs a call."""
    global remote  # noqa: PLW0603 - a process of Ray's has one
    if remote is None:
        remote = Remote(setup, relay)
    return remote.run(data)


def pass_over(_signum: int, _frame: FrameType | None) -> None:
    """Handles a signal by doing nothing. One that is ignored would stay so in child processes."""


def prepare(setup: dict[str, Any]) -> None:
    """Copies settings of the host into this process, as far as this node has what they name."""
    if (shipped := setup.get("shipped")) is None:
        there = [it for it in map(unpack, setup["sys_path"]) if Path(it).exists()]
        sys.path[:] = [*there, *(it for it in sys.path if it not in there)]
        if setup["cwd"] is not None and Path(folder := unpack(setup["cwd"])).is_dir():
            os.chdir(folder)
    else:
        # What lies under the same paths on another machine is another machine's.
        sys.path[:] = [shipped, *(it for it in sys.path if it != shipped)]
        setup["main"] = shipped_main(setup["shipped_main"], shipped)
    sys.argv[:] = map(unpack, setup["argv"])
    change_environment(setup["env"])
    if shipped is None and (main := setup["main"]):
        setup["main"] = {name: value and unpack(value) for name, value in main.items()}
    # Ray asks a task to stop by this signal. Ours hear it through the relay, with less delay.
    signal.signal(signal.SIGINT, pass_over)
    folders.choose(Path(setup["temp"]) / str(os.getpid()))
    _fork.watch()


def shipped_main(main: tuple[str | None, str | None] | None, shipped: str) -> Any:
    """The app's main module in the shipped code. `None`: it has none there."""
    if main is None:
        return None
    name, path = main
    return {"name": name, "path": None if path is None else str(Path(shipped, path))}
