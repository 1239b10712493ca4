"""Runs as a process of a pool between the app and Ray, whose driver it is.

To the host it is a worker that many calls share. It imports nothing of the app's.
"""

import asyncio
import logging
import os
import threading
import time
from typing import Any

from .._observe.failures import report
from .._worker.link.frames import CALL, CANCEL, DELIVERED, ERROR, READY, TAKEN, Frame, Link
from .._worker.process.family import kill_members
from .driver import RayDriver, remove
from .entry import BEGUN, Frames, packed, unpacked_answer
from .losses import aborted, error, lost
from .submitted import Submitted

KILLED = 5.0
"""Seconds that Ray has to end a call that is to be killed."""
ON_ITS_WAY = 30.0
"""Seconds within which what a call has sent before its answer must come."""
LONG = 10.0
"""Seconds in Ray's queue after which the log says what a call waits for."""
OFTEN = 60.0
"""Seconds until the log says it again."""
LEAVE = 2.0
"""Seconds within which a cluster that goes on is told that this process ends."""

log = logging.getLogger("transom.cluster")


class Gateway:
    """Passes the frames of calls between the host and Ray. All but `listen` runs on its loop."""

    def __init__(self, link: Link, driver: RayDriver, told: dict[str, Any]) -> None:
        self._link = link
        self._driver = driver
        self._grace: float = told["grace"]
        self._max_wait: float | None = told.get("max_wait")
        self._again = frozenset[str](told.get("idempotent", ()))
        self._calls: dict[int, Submitted] = {}
        self._tasks = set[asyncio.Task[None]]()
        self._room = asyncio.Semaphore(told.get("calls", 1 << 30))
        self.loop: asyncio.AbstractEventLoop | None = None
        self.away: str | None = None
        """Why calls cannot be given to Ray now, in words."""
        self._looking = asyncio.Lock()
        self._looked_at = -LONG
        self._said_at = -OFTEN
        self._seen: tuple[str, str | None] = ("", None)
        self.leaving = False
        self.asked = threading.Event()
        """Set by a call that came while the cluster was away."""

    def ready(self) -> None:
        """Tells the host that calls may come."""
        self._link.send(READY, {})

    async def take(self) -> None:
        """Passes on what calls send, until the relay is lost."""
        relay = self._driver.relay
        while True:
            for call, frames in await self._future(relay.take.remote()):
                self._pass_on(call, frames)

    def lose(self, why: str) -> None:
        """Ends all calls that Ray has: the cluster is lost."""
        for call in list(self._calls.values()):
            text = f"`{call.command}` was with the Ray cluster, and the connection is lost: {why}"
            begun = call.begun or {}
            call.give_up(error("worker-lost", text, started=True, **begun))

    # From the host.

    def listen(self) -> None:
        """Takes frames, on the link's thread, until the link ends."""
        while (frame := self._link.receive()) is not None:
            # None comes before the loop is there: a worker gets calls when it is ready.
            if self.loop is not None:
                self.loop.call_soon_threadsafe(self._hear, frame)
        self.leave(0)

    def leave(self, code: int) -> None:
        """Ends this process with that exit code, and before it what it has started."""
        self.leaving = True
        if self._driver.address is not None:
            goodbye = threading.Thread(target=self._driver.stop, daemon=True)
            goodbye.start()
            goodbye.join(LEAVE)
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
        if (relay := self._driver.relay) is not None:
            call.told = True
            relay.tell.remote(call.key, (kind, head))

    def _cancel(self, call: Submitted) -> None:
        call.cancelled = True
        if call.reference is None:
            call.give_up(aborted(started=False))
            return
        self._tell(call, CANCEL, {"id": call.id})
        # What waits leaves Ray's queue. What runs hears it from the relay.
        self._driver.cancel(call.reference, force=False)
        asyncio.get_running_loop().call_later(self._grace, self._kill, call)

    def _kill(self, call: Submitted) -> None:
        if self._calls.get(call.id) is call:
            self._driver.cancel(call.reference, force=True)
            asyncio.get_running_loop().call_later(KILLED, call.give_up, aborted(started=True))

    # To the host.

    async def _serve(self, call: Submitted, frame: Frame) -> None:
        try:
            frames = await self._answer(call, frame)
        except Exception as trouble:  # noqa: BLE001
            report(log, "a call could not be given to Ray", error=trouble)
            frames = lost(call.command, trouble, call.begun)
        del self._calls[call.id]
        for kind, head, body in frames:
            if kind == ERROR:
                head.setdefault("id", call.id)
            self._send(kind, head, body)

    async def _answer(self, call: Submitted, frame: Frame) -> Frames:
        if self.away is not None:
            self.asked.set()
            text = f"`{call.command}` did not run: {self.away}"
            return error("unavailable", text, started=False)
        if self._max_wait is None and (missing := self._driver.missing()) is not None:
            return self._unplaced(call, missing)
        if not self._room.locked():
            await self._room.acquire()
        elif (given := await self._enter(call)) is not None:
            return given
        later = LONG if self._max_wait is None else min(LONG, self._max_wait)
        watch = asyncio.get_running_loop().call_later(later, self._watch, call)
        try:
            return await self._run(call, frame)
        finally:
            watch.cancel()
            self._room.release()

    async def _enter(self, call: Submitted) -> Frames | None:
        """Waits until another call has ended. Returns what has ended this one before."""
        entered = asyncio.ensure_future(self._room.acquire())
        await asyncio.wait((entered, call.over), return_when=asyncio.FIRST_COMPLETED)
        if not call.over.done():
            return None
        if not entered.cancel():
            self._room.release()
        return call.over.result()

    async def _run(self, call: Submitted, frame: Frame) -> Frames:
        while True:
            head = {**frame.head, "at": time.time(), "key": call.key}
            call.reference = self._driver.submit(call.command, packed(head, frame.body))
            answer = self._future(call.reference)
            answer.add_done_callback(call.answered)
            given = await call.over
            if (call.told or call.begun) and (relay := self._driver.relay) is not None:
                relay.forget.remote(call.key)
            if given is not None:
                answer.cancel()
                return given
            if (trouble := answer.exception()) is None:
                relayed, frames = unpacked_answer(answer.result())
                return (
                    frames
                    if call.relayed >= relayed
                    else await self._complete(call, relayed, frames)
                )
            if call.cancelled:
                return aborted(started=call.begun is not None)
            if call.overdue is not None:
                return self._unplaced(call, call.overdue)
            frames = lost(call.command, trouble, await self._named(call.begun))
            if not self._runs_again(call, frames):
                return frames
            log.warning("runs again: %s", frames[0][1]["message"])
            call.begin_again()

    def _runs_again(self, call: Submitted, frames: Frames) -> bool:
        """Whether a call that was lost runs a second time: no stream of which items were sent."""
        code = frames[0][1]["code"]
        fits = call.command in self._again and not (call.streams and call.relayed)
        return fits and code == "worker-lost" and call.attempt == 0

    def _unplaced(self, call: Submitted, why: str) -> Frames:
        text = f"`{call.command}` cannot run on the cluster: {why}"
        return error("unavailable", text, started=False)

    async def _named(self, begun: dict[str, Any] | None) -> dict[str, Any] | None:
        """Where a call ran, with the name of the node."""
        if begun is None:
            return None
        about = dict(begun)
        try:
            name = await asyncio.to_thread(self._driver.name_of, about.pop("node_id"))
        except Exception:  # noqa: BLE001 - the cluster is lost as well
            name = None
        return about if name is None else {**about, "node": name}

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
        call = self._calls.get(Submitted.id_of(key))
        if call is not None and call.key != key:
            # It runs again, and this is from before.
            return
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

    def _watch(self, call: Submitted) -> None:
        if call.begun is None and not call.cancelled:
            task = asyncio.create_task(self._say_what_for(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _say_what_for(self, call: Submitted) -> None:
        """Says what a call waits for that Ray has not begun, and takes it back in the end."""
        waited = LONG if self._max_wait is None else min(LONG, self._max_wait)
        while True:
            wanted, missing = await self._look(call.command)
            if self._max_wait is not None:
                await asyncio.sleep(self._max_wait - waited)
                missing = missing or f"it has waited for {self._max_wait:g} s for {wanted}"
            if call.begun is not None or call.over.done():
                return
            if missing is not None and call.reference is not None:
                call.overdue = missing
                self._driver.cancel(call.reference, force=False)
                return
            # The node with what it asks for may go meanwhile.
            await asyncio.sleep(LONG)

    async def _look(self, command: str) -> tuple[str, str | None]:
        """What calls ask for, and what of it no node has. Calls that wait at once look once, and
        the log says it once.
        """
        async with self._looking:
            if time.monotonic() < self._looked_at + LONG:
                return self._seen
            wanted = await asyncio.to_thread(self._driver.wanted)
            self._seen = wanted, await asyncio.to_thread(self._driver.look_again)
            self._looked_at = time.monotonic()
        is_soon = self._max_wait is not None and self._max_wait <= LONG
        if not is_soon and time.monotonic() > self._said_at + OFTEN:
            self._said_at = time.monotonic()
            others = sum(it.begun is None for it in self._calls.values()) - 1
            text = "`%s` and %d other calls wait for the cluster since %d s: each asks for %s"
            report(log, text, command, others, LONG, wanted, level=logging.WARNING)
        return self._seen
