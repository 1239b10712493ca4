"""Defines what the gateway knows of a call that it gives to Ray."""

import asyncio
import threading
import time
from typing import Any

from .entry import Frames
from .kept import KeptProcess


class Submitted:
    """A call that is with Ray, or is about to be."""

    def __init__(self, head: dict[str, Any], loop: asyncio.AbstractEventLoop) -> None:
        self.id: int = head["id"]
        self.command: str = head["command"]
        self.streams = head.get("stream") is not None
        self.affinity: str | None = head.get("affinity")
        """Calls with the same one go to the same process."""
        self.kept: KeptProcess | None = None
        """The process that it has been given for that."""
        self.given: float | None = None
        """When it was given to Ray."""
        self.attempt = 0
        """1: it runs for the second time."""
        self.reference: Any = None
        self.cancelled = False
        self.is_lost = False
        """Whether Ray has lost it."""
        self.overdue: str | None = None
        """Why it was taken back from Ray, which had not begun it."""
        self.begun: dict[str, Any] | None = None
        """Where it runs. `None`: it has not run for long, or waits."""
        self.relayed = 0
        """How many of its frames have come through the relay."""
        self.came = asyncio.Event()
        self.over: asyncio.Future[Frames | None] = loop.create_future()
        """What ends it, whatever becomes of it at Ray. `None`: Ray has answered."""
        self.told = False
        self._answer = threading.Lock()
        """Taken for good by who sends its answer: Ray's thread, or that of the gateway's loop."""

    @property
    def is_answered(self) -> bool:
        """Whether its answer was sent, or is being sent."""
        return self._answer.locked()

    def claim_answer(self) -> bool:
        """Whether the caller is to send the answer: true once, on any thread."""
        return self._answer.acquire(blocking=False)

    def waits_for_ray(self, seconds: float) -> bool:
        """Whether Ray has had it for so long and has not begun it."""
        if self.begun is not None or self.given is None:
            return False
        return time.monotonic() >= self.given + seconds

    @property
    def key(self) -> int:
        """Its name in the relay: what comes from the first attempt is not of the second."""
        return self.id * 2 + self.attempt

    @staticmethod
    def id_of(key: int) -> int:
        """The id of the call with that key."""
        return key // 2

    def begin_again(self) -> None:
        """Notes that it runs for the second time."""
        self.attempt, self.relayed, self.begun, self.told = 1, 0, None, False
        self.reference, self.is_lost = None, False
        self.over = self.over.get_loop().create_future()

    async def comes(self, what: "asyncio.Future[Any]") -> bool:
        """Waits for something. False: the call has ended before."""
        if not what.done():
            await asyncio.wait((what, self.over), return_when=asyncio.FIRST_COMPLETED)
        return not self.over.done()

    def answered(self, _answer: object) -> None:
        """Notes that Ray has answered."""
        if not self.over.done():
            self.over.set_result(None)

    def give_up(self, frames: Frames) -> None:
        """Ends it with these frames, if nothing has ended it yet."""
        if not self.over.done():
            self.over.set_result(frames)
