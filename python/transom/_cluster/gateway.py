"""Runs as a process of a pool between the app and Ray, whose driver it is.

To the host it is a worker that many calls share. It imports nothing of the app's.
"""

import asyncio
import logging
import os
import pickle
import socket
import sys
import threading
import time
import traceback
from typing import Any

from .._observe.failures import report
from .._worker import logs
from .._worker.link.frames import CALL, CANCEL, DELIVERED, ERROR, READY, SETUP, TAKEN, Frame, Link
from .._worker.process.family import kill_members
from .._worker.serve import prepare
from .driver import RayDriver, remove
from .entry import BEGUN
from .losses import Frames, aborted, error, lost

APART = 64 * 1024
"""Bodies from this size on are not copied into a message of Ray's."""
KILLED = 5.0
"""Seconds that Ray has to end a call that is to be killed."""
ON_ITS_WAY = 30.0
"""Seconds within which what a call has sent before its answer must come."""
LONG = 10.0
"""Seconds in Ray's queue after which the log says what a call waits for."""

log = logging.getLogger("transom.cluster")


def serve(stream: socket.socket) -> None:
    """The main function of a gateway. It ends with the link."""
    link = Link(stream)
    setup = link.receive()
    if setup is None or setup.kind != SETUP:
        return
    logs.join(link, setup.head["worker"], setup.head["log_levels"])
    boot = setup.head["ray"]["boot"]
    driver = RayDriver({**setup.head, "boot": boot})
    prepare(setup.head)
    link.share_from = setup.head.get("share_from")
    gateway = Gateway(link, driver, setup.head["ray"]["grace"])
    # It sees the end of the link while Ray starts, too.
    threading.Thread(target=gateway.listen, name="transom-link", daemon=True).start()
    try:
        # On this thread: with it Ray's own processes end.
        driver.start()
        asyncio.run(gateway.run())
    except BaseException:  # noqa: BLE001
        # The host tells the last of it to who waits for this process.
        traceback.print_exc()
        sys.stderr.flush()
    gateway.leave(1)


class Submitted:
    """A call that was given to Ray."""

    def __init__(self, head: dict[str, Any], loop: asyncio.AbstractEventLoop) -> None:
        self.id: int = head["id"]
        self.command: str = head["command"]
        self.reference: Any = None
        self.cancelled = False
        self.begun: dict[str, Any] | None = None
        """Where it runs. `None`: it has not run for long, or waits."""
        self.relayed = 0
        """How many of its frames have come through the relay."""
        self.came = asyncio.Event()
        self.given_up: asyncio.Future[None] = loop.create_future()
        self.told = False


class Gateway:
    """Passes the frames of calls between the host and Ray. All but `listen` runs on its loop."""

    def __init__(self, link: Link, driver: RayDriver, grace: float) -> None:
        self._link = link
        self._driver = driver
        self._grace = grace
        self._calls: dict[int, Submitted] = {}
        self._tasks = set[asyncio.Task[None]]()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Serves until the relay is lost. The end of the link ends the process."""
        self._loop = asyncio.get_running_loop()
        # A call that has ended would wait for it.
        await self._future(self._driver.relay.ready.remote())
        self._link.send(READY, {})
        while True:
            for call, frames in await self._future(self._driver.relay.take.remote()):
                self._pass_on(call, frames)

    # From the host.

    def listen(self) -> None:
        """Takes frames, on the link's thread, until the link ends."""
        while (frame := self._link.receive()) is not None:
            # None comes before the loop is there: a worker gets calls when it is ready.
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._hear, frame)
        self.leave(0)

    def leave(self, code: int) -> None:
        """Ends this process with that exit code, and Ray's processes before it."""
        kill_members(os.getpid())
        remove(self._driver.folder)
        os._exit(code)

    def _hear(self, frame: Frame) -> None:
        if frame.kind == CALL:
            call = self._calls[frame.head["id"]] = Submitted(frame.head, asyncio.get_running_loop())
            task = asyncio.create_task(self._serve(call, frame))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif (call := self._calls.get(frame.head["id"])) is not None:
            if frame.kind == CANCEL:
                self._cancel(call)
            elif frame.kind in (TAKEN, DELIVERED):
                self._tell(call, frame.kind, frame.head)

    def _tell(self, call: Submitted, kind: bytes, head: dict[str, Any]) -> None:
        call.told = True
        self._driver.relay.tell.remote(call.id, (kind, head))

    def _cancel(self, call: Submitted) -> None:
        call.cancelled = True
        if call.reference is None:
            return
        self._tell(call, CANCEL, {"id": call.id})
        # What waits leaves Ray's queue. What runs hears it from the relay.
        self._driver.cancel(call.reference, force=False)
        asyncio.get_running_loop().call_later(self._grace, self._kill, call)

    def _kill(self, call: Submitted) -> None:
        if self._calls.get(call.id) is call:
            self._driver.cancel(call.reference, force=True)
            asyncio.get_running_loop().call_later(KILLED, self._give_up, call)

    def _give_up(self, call: Submitted) -> None:
        if not call.given_up.done():
            call.given_up.set_result(None)

    # To the host.

    async def _serve(self, call: Submitted, frame: Frame) -> None:
        waits = asyncio.get_running_loop().call_later(LONG, self._say_what_for, call)
        try:
            frames = await self._answer(call, frame)
        except Exception as trouble:  # noqa: BLE001
            report(log, "a call could not be given to Ray", error=trouble)
            frames = lost(call.command, trouble, call.begun)
        finally:
            waits.cancel()
        del self._calls[call.id]
        if call.told or call.begun:
            self._driver.relay.forget.remote(call.id)
        for kind, head, body in frames:
            if kind == ERROR:
                head.setdefault("id", call.id)
            self._send(kind, head, body)

    async def _answer(self, call: Submitted, frame: Frame) -> Frames:
        if call.cancelled:
            return aborted(started=False)
        if (missing := self._driver.missing()) is not None:
            text = f"`{call.command}` cannot run on the cluster: {missing}"
            return error("unavailable", text, started=False)
        head = {**frame.head, "at": time.time()}
        call.reference = self._driver.submit(call.command, head, packed(frame.body))
        answer = self._future(call.reference)
        await asyncio.wait((answer, call.given_up), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            report(log, "Ray did not end a call that was to be killed: %s", call.command)
            return aborted(started=True)
        if (trouble := answer.exception()) is not None:
            if call.cancelled:
                return aborted(started=call.begun is not None)
            return lost(call.command, trouble, call.begun)
        relayed, frames = answer.result()
        return await self._complete(call, relayed, frames)

    async def _complete(self, call: Submitted, relayed: int, frames: Frames) -> Frames:
        """The last frames, once those before them have come."""
        try:
            async with asyncio.timeout(ON_ITS_WAY):
                while call.relayed < relayed:
                    call.came.clear()
                    await call.came.wait()
        except TimeoutError:
            text = f"what `{call.command}` has sent from the cluster was lost"
            return error("worker-lost", text, started=True)
        return frames

    def _future(self, reference: Any) -> "asyncio.Future[Any]":
        return asyncio.wrap_future(self._driver.future(reference))

    def _pass_on(self, key: int, frames: Frames) -> None:
        call = self._calls.get(key)
        for kind, head, body in frames:
            if call is not None and kind == BEGUN:
                call.begun = head
            elif kind == BEGUN:
                # It has ended meanwhile, and still listens.
                self._driver.relay.forget.remote(key)
            elif call is not None or key == 0:
                self._send(kind, head, body)
                if call is not None:
                    call.relayed += 1
                    call.came.set()

    def _send(self, kind: bytes, head: dict[str, Any], body: Any) -> None:
        self._link.send(kind, head, body if isinstance(body, bytes) else memoryview(body))

    def _say_what_for(self, call: Submitted) -> None:
        if call.begun is None and not call.cancelled:
            text = "`%s` waits for the cluster since %d s: it asks for %s"
            report(log, text, call.command, LONG, self._driver.wanted(), level=logging.WARNING)


def packed(body: bytearray | memoryview) -> Any:
    """A body as Ray takes it."""
    return pickle.PickleBuffer(body) if len(body) >= APART else bytes(body)
