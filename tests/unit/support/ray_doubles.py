"""Provides doubles of Ray and of the host's link, and a gateway between them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import anyio

from transom._cluster.entry import Packed, packed_answer, unpacked
from transom._cluster.gateway import Gateway
from transom._cluster.status import SeenCluster
from transom._worker.link.frames import CALL, JSON, Frame


class ActorDiedError(Exception):
    """Called like Ray's."""


class WorkerCrashedError(Exception):
    """Called like Ray's."""


class TaskCancelledError(Exception):
    """Called like Ray's."""


class Link:
    """What goes to the host."""

    def __init__(self) -> None:
        self.sent = list[tuple[bytes, dict[str, Any], bytes]]()

    def send(self, kind: bytes, head: dict[str, Any], body: Any = b"") -> None:
        self.sent.append((kind, head, bytes(body)))


class Remote:
    """A method of an actor that does nothing."""

    def remote(self, *_: Any) -> None: ...


class Relay:
    def __init__(self) -> None:
        self.tell = self.forget = self.take = Remote()


class Process:
    """A process that is kept, whose death the test brings about."""

    def __init__(self) -> None:
        self.is_dead = False
        self.there: Future[None] = Future()


FULL = SeenCluster(nodes=2, object_store=1 << 20, wanted="1 CPU (0 free)")
"""A cluster on which no process is about to start."""


class Driver:
    """Ray, whose calls the test answers."""

    address = None

    def __init__(self) -> None:
        self.relay = Relay()
        self.given = list[tuple[dict[str, Any], Future[Packed]]]()
        self.nobody_has: str | None = None
        self.processes = list[Process]()
        self.to = list[Process | None]()
        self.seen = FULL._replace(room=2)

    def missing(self) -> str | None:
        return None

    def look_again(self) -> str | None:
        return self.nobody_has

    def name_of(self, node: str) -> str:
        return f"name of {node}"

    def look(self) -> SeenCluster:
        return self.seen

    def start_process(self) -> Process:
        self.processes.append(process := Process())
        return process

    def ready(self, process: Process) -> Future[None]:
        if not process.is_dead:
            return process.there
        (dead := Future[None]()).set_exception(ActorDiedError())
        return dead

    def kill(self, process: Process) -> None:
        process.is_dead = True
        for to, (_, future) in zip(self.to, self.given, strict=True):
            if to is process and not future.done():
                future.set_exception(ActorDiedError())

    def submit_to(self, process: Process, command: str, data: Packed) -> Future[Packed]:
        return self.submit(command, data, process)

    def submit(self, _command: str, data: Packed, to: Process | None = None) -> Future[Packed]:
        head, _ = unpacked(data)
        self.to.append(to)
        self.given.append((head, future := Future()))
        return future

    def future(self, reference: Future[Any] | None) -> Future[Any]:
        # The relay has nothing to say.
        return Future() if reference is None else reference

    def cancel(self, reference: Future[Packed], *, force: bool) -> None:
        if not reference.done():
            reference.set_exception(TaskCancelledError())


class Rig:
    def __init__(self, **told: Any) -> None:
        self.link, self.driver = Link(), Driver()
        link: Any = self.link
        driver: Any = self.driver
        self.gateway = Gateway(link, driver, {"grace": 30.0, **told})

    def call(self, number: int, **head: Any) -> None:
        about = {"id": number, "command": "draw", "stream": None, **head}
        self.gateway._hear(Frame(CALL, about, bytearray(b"1")))

    async def given(self, count: int) -> list[tuple[dict[str, Any], Future[Packed]]]:
        await until(lambda: len(self.driver.given) >= count)
        return self.driver.given

    async def sent(self, count: int) -> list[tuple[bytes, dict[str, Any], bytes]]:
        await until(lambda: len(self.link.sent) >= count)
        return self.link.sent


async def until(condition: Callable[[], object]) -> None:
    with anyio.fail_after(60):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.001)


def answer(future: Future[Packed], number: int, relayed: int = 0) -> None:
    future.set_result(packed_answer(relayed, [(JSON, {"id": number}, b"7")], whole=False))
