"""Runs as a process of a pool between the app and Ray, whose driver it is.

To the host it is a worker that many calls share. It imports nothing of the app's.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any

from .._observe.failures import report
from .._worker.link.frames import (
    CALL,
    CANCEL,
    CLUSTER,
    DELIVERED,
    ERROR,
    READY,
    TAKEN,
    Frame,
    Link,
)
from .._worker.process.family import kill_members
from .driver import RayDriver, remove
from .entry import APART, BEGUN, Frames, packed, unpacked_answer
from .kept import KeptProcess, KeptProcesses
from .losses import aborted, error, lost, named, unplaced
from .status import LONG, STARTING, SeenCluster, Status
from .submitted import Submitted

KILLED = 5.0
"""Seconds that Ray has to end a call that is to be killed."""
ON_ITS_WAY = 30.0
"""Seconds within which what a call has sent before its answer must come."""
OFTEN = 60.0
"""Seconds until the log says it again."""
TURN = 1.0
"""Seconds between two looks at the calls."""
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
        self._most: int = told.get("calls", 1 << 30)
        self._room = asyncio.Semaphore(self._most)
        last = told.get("options", {}).get("max_calls")
        self._kept = KeptProcesses(driver.start_process, last)
        self._status = Status(lambda head: link.send(CLUSTER, head), alone=driver.address is None)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.away: str | None = None
        """Why calls cannot be given to Ray now, in words."""
        self._looking = asyncio.Lock()
        self._looked_at = -LONG
        self._said_at = dict[int, float]()
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
        turns = [self._begin(self._status.look(self._driver, self._saw)), self._begin(self._turn())]
        try:
            while True:
                for call, frames in await self._future(relay.take.remote()):
                    self._pass_on(call, frames)
        finally:
            for task in turns:
                task.cancel()
            self._status.lose()

    async def _turn(self) -> None:
        """Tells the app now and then what is done."""
        while True:
            self._status.tell(self._calls.values(), self._kept.idle)
            await asyncio.sleep(TURN)

    def _saw(self, seen: SeenCluster) -> None:
        """Adapts the processes that are kept to what is there for them and for other calls."""
        self._kept.resize(min(seen.room, self._most))
        plain = [it for it in self._calls.values() if it.given and it.affinity is None]
        begun = sum(it.begun is not None for it in plain)
        taken = seen.room - seen.free - begun
        full = self._driver.address is not None and not seen.free
        self._kept.make_room(len(plain) - begun, taken, full=full)

    def lose(self, why: str) -> None:
        """Ends all calls that Ray has: the cluster is lost."""
        self._kept.forget()
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
            self._begin(self._serve(call, frame))
        elif (call := self._calls.get(frame.head["id"])) is not None:
            if frame.kind == CANCEL:
                self._cancel(call)
            elif frame.kind in (TAKEN, DELIVERED):
                self._tell(call, frame.kind, frame.head)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

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
        # What runs hears it from the relay.
        if call.kept is None:
            # What waits leaves Ray's queue. A process that is kept has none.
            self._driver.cancel(call.reference, force=False)
        asyncio.get_running_loop().call_later(self._grace, self._kill, call)

    def _kill(self, call: Submitted) -> None:
        if self._calls.get(call.id) is call:
            if call.kept is None:
                self._driver.cancel(call.reference, force=True)
            else:
                self._driver.kill(call.kept.actor)
            asyncio.get_running_loop().call_later(KILLED, call.give_up, aborted(started=True))

    # To the host.

    async def _serve(self, call: Submitted, frame: Frame) -> None:
        try:
            frames = await self._answer(call, frame)
        except Exception as trouble:  # noqa: BLE001
            report(log, "a call could not be given to Ray", error=trouble)
            frames = lost(call.command, trouble, call.begun)
        del self._calls[call.id]
        if call.claim_answer():
            self._send_all(call, frames)

    async def _answer(self, call: Submitted, frame: Frame) -> Frames:
        if self.away is not None:
            self.asked.set()
            text = f"`{call.command}` did not run: {self.away}"
            return error("unavailable", text, started=False)
        if self._max_wait is None and (missing := self._driver.missing()) is not None:
            return unplaced(call.command, missing)
        while True:
            frames = await self._attempt(call, frame)
            if not self._runs_again(call):
                return frames
            log.warning("runs again: %s", frames[0][1]["message"])
            call.begin_again()

    async def _attempt(self, call: Submitted, frame: Frame) -> Frames:
        """Runs a call, if its key has a process that is kept, on that one."""
        if call.affinity is None:
            return await self._enter(call, frame)
        while True:
            taken = self._kept.take(call.affinity)
            if not await call.comes(taken):
                if not taken.cancel():
                    self._kept.give_back(taken.result())
                return call.over.result() or aborted(started=False)
            kept = call.kept = taken.result()
            try:
                frames = await self._enter(call, frame)
            finally:
                call.kept = None
                self._kept.give_back(kept)
            if not kept.is_dead:
                return frames

    async def _enter(self, call: Submitted, frame: Frame) -> Frames:
        """Runs a call when there is room."""
        if not self._room.locked():
            await self._room.acquire()
        elif not await call.comes(entered := asyncio.ensure_future(self._room.acquire())):
            if not entered.cancel():
                self._room.release()
            return call.over.result() or aborted(started=False)
        later = LONG if self._max_wait is None else min(LONG, self._max_wait)
        watch = asyncio.get_running_loop().call_later(later, self._watch, call)
        call.given = time.monotonic()
        try:
            if (trouble := await self._reach(call, call.kept)) is not None:
                return trouble
            return await self._run(call, frame)
        finally:
            watch.cancel()
            self._room.release()

    async def _reach(self, call: Submitted, kept: KeptProcess | None) -> Frames | None:
        """Waits until a process that is kept is there. Returns what ends the call before."""
        if kept is None or kept.is_fresh:
            return None
        asked = self._future(self._driver.ready(kept.actor))
        if not await call.comes(asked):
            asked.cancel()
            return call.over.result() or aborted(started=False)
        if (trouble := asked.exception()) is None:
            kept.is_there = kept.is_fit = True
            return None
        kept.is_dead, kept.is_fit = kept.is_there, False
        return self._lose(call, trouble, None, started=False)

    async def _run(self, call: Submitted, frame: Frame) -> Frames:
        data = packed({**frame.head, "at": time.time(), "key": call.key}, frame.body)
        if call.kept is None:
            call.reference = self._driver.submit(call.command, data)
        else:
            call.kept.is_fit = False
            call.reference = self._driver.submit_to(call.kept.actor, call.command, data)
        future = self._driver.future(call.reference)
        future.add_done_callback(partial(self._answer_at_once, call))
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(call.answered)
        given = await call.over
        if (call.told or call.begun) and (relay := self._driver.relay) is not None:
            relay.forget.remote(call.key)
        if given is not None:
            answer.cancel()
            return given
        if (trouble := answer.exception()) is None:
            if call.kept is not None:
                call.kept.is_fit = True
            relayed, frames = (0, []) if call.is_answered else unpacked_answer(answer.result())
            if call.relayed >= relayed:
                return frames
            return await self._complete(call, relayed, frames)
        if call.cancelled:
            return aborted(started=call.begun is not None)
        if call.overdue is not None:
            return unplaced(call.command, call.overdue)
        return self._lose(
            call, trouble, await named(call.begun, self._driver.name_of), started=True
        )

    def _answer_at_once(self, call: Submitted, future: Future[Any]) -> None:
        """Sends a short answer on Ray's thread, which saves the way to this loop's. But not before
        what came by the relay, nor before a process that is kept is free for the next call.
        """
        if call.kept or call.over.done() or future.cancelled() or future.exception():
            return
        data = future.result()
        if not isinstance(data, bytes) or len(data) > APART:
            return
        relayed, frames = unpacked_answer(data)
        if not relayed and call.claim_answer():
            self._send_all(call, frames)

    def _lose(
        self, call: Submitted, trouble: BaseException, begun: Any, *, started: bool
    ) -> Frames:
        frames = lost(call.command, trouble, begun, started=started)
        call.is_lost = frames[0][1]["code"] == "worker-lost"
        return frames

    def _runs_again(self, call: Submitted) -> bool:
        """Whether a call that was lost runs a second time: no stream of which items were sent."""
        fits = call.command in self._again and not (call.streams and call.relayed)
        return fits and call.is_lost and call.attempt == 0

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

    def _send_all(self, call: Submitted, frames: Frames) -> None:
        for kind, head, body in frames:
            if kind == ERROR:
                head.setdefault("id", call.id)
            self._send(kind, head, body)

    def _send(self, kind: bytes, head: dict[str, Any], body: Any) -> None:
        self._link.send(kind, head, body if isinstance(body, bytes) else memoryview(body))

    def _watch(self, call: Submitted) -> None:
        if call.begun is None and not call.cancelled:
            self._begin(self._say_what_for(call))

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
            if missing is not None:
                call.overdue = missing
                if call.reference is not None:
                    self._driver.cancel(call.reference, force=False)
                else:
                    call.give_up(unplaced(call.command, missing))
                return
            # The node with what it asks for may go meanwhile.
            await asyncio.sleep(LONG)

    async def _look(self, command: str) -> tuple[str, str | None]:
        """What calls wait for, and what of it no node has. Calls that wait at once look once, and
        the log says it once.
        """
        async with self._looking:
            if time.monotonic() < self._looked_at + LONG:
                return self._seen
            await self._status.look_now(self._driver)
            begun = sum(it.begun is not None for it in self._calls.values())
            wanted = self._status.waits_for(begun + self._kept.idle)
            self._seen = wanted, await asyncio.to_thread(self._driver.look_again)
            self._looked_at = now = time.monotonic()
        is_soon = self._max_wait is not None and self._max_wait <= LONG
        level = logging.INFO if wanted == STARTING else logging.WARNING
        others = len(self._calls) - begun - 1
        if others >= 0 and not is_soon and now > self._said_at.get(level, -OFTEN) + OFTEN:
            self._said_at[level] = now
            text = "`%s` and %d other calls wait for the cluster since %d s: each for %s"
            report(log, text, command, others, LONG, wanted, level=level)
        return self._seen
