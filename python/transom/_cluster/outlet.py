"""What a call in a process of Ray sends to the gateway, and hears from it, through the relay."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from .. import _fork
from .._worker.link.frames import ERROR, JSON, PROGRESS, RAW, Frame
from .entry import Frames

ANSWERS = (JSON, RAW, ERROR)
ROOM = 1 << 20
"""Bytes of frames that wait for the relay. Who sends more waits."""
WEIGHT = 256
"""Bytes that a frame counts beside its body."""
SOON = 0.02
"""Seconds that a call has run, at least, before it listens to the relay. Most end before that."""
AWAKE = 50
"""How often in a row who looks for calls finds none, until it sleeps."""
LOOK = 0.5
"""Seconds after which who listens to the relay looks whether the call has ended."""


class RelayOutlet:
    """Sends frames in batches: what comes while one is on its way goes with the next."""

    def __init__(self, most: int, put: Callable[[int, list[Any]], object]) -> None:
        """`put` hands frames of a call over, and returns when they are there."""
        self.most = most
        self._put = put
        self._turn = threading.Condition()
        self._frames: list[tuple[bytes, dict[str, Any], bytes]] = []
        self._size = 0
        self._call = 0
        self._relayed = 0
        self._answer: tuple[bytes, dict[str, Any], Any] | None = None
        self._thread: threading.Thread | None = None

    def check(self, size: int) -> None:
        """Raises `ValueError` for a body that the host would not take."""
        if size > self.most:
            raise ValueError(f"{size} bytes go to the page at once, and the limit is {self.most}")

    def send(self, kind: bytes, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
        """Sends a frame, or keeps it for `end` if it is the call's answer."""
        _fork.check()
        if kind in ANSWERS:
            self._answer = (kind, head, body)
            return
        frame, size = (kind, head, bytes(body)), WEIGHT + len(body)
        with self._turn:
            while self._frames and self._size + size > ROOM:
                self._turn.wait()
            if kind == PROGRESS and self._frames and self._frames[-1][0] == PROGRESS:
                self._frames[-1] = frame
                return
            self._frames.append(frame)
            self._size += size
            self._turn.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._hand_over, name="transom-relay", daemon=True
                )
                self._thread.start()

    def begin(self, call: int) -> None:
        """Notes which call the frames are of from here on."""
        with self._turn:
            self._call, self._relayed, self._answer = call, 0, None

    def end(self) -> tuple[int, Frames]:
        """The answer of the call, with the frames that wait."""
        with self._turn:
            rest, relayed, self._call = self._take(), self._relayed, 0
        return relayed, [*rest, *([self._answer] if self._answer else [])]

    def _take(self) -> list[Any]:
        frames, self._frames, self._size = self._frames, [], 0
        self._turn.notify_all()
        return frames

    def _hand_over(self) -> None:
        while True:
            with self._turn:
                while not self._frames:
                    self._turn.wait()
                call, frames = self._call, self._take()
                self._relayed += len(frames)
            # Without the gateway this process ends soon.
            with suppress(Exception):
                self._put(call, frames)


class Listening:
    """One call that is listened for, until it is `over`."""

    def __init__(self, call: int, take: Callable[[Frame], None]) -> None:
        """`take` takes each frame to the call."""
        self.id = call
        self.take = take
        self.over = False


class Hear(Protocol):
    """Asks the relay for what the gateway has told a call; `first`: for the first time."""

    def __call__(self, call: int, *, first: bool) -> Any: ...


class RelayInbox:
    """Listens to what the gateway tells the call that runs, on a thread of its own.

    Most calls have ended before that is needed, so they only leave a note, and wake nobody: the
    thread looks for one every `SOON` while there are calls, and sleeps when there have been none.
    """

    def __init__(self, hear: Hear, wait: Callable[[Any, float], Any]) -> None:
        """`wait` waits so many seconds for what `hear` has asked for. `None`: it is not there."""
        self._hear = hear
        self._wait = wait
        self._call: Listening | None = None
        self._sleeps = False
        self._wake = threading.Event()
        threading.Thread(target=self._listen, name="transom-link", daemon=True).start()

    def follow(self, call: int, take: Callable[[Frame], None]) -> Listening:
        """Listens for a call."""
        listening = self._call = Listening(call, take)
        if self._sleeps:
            self._wake.set()
        return listening

    def _listen(self) -> None:
        seen: Listening | None = None
        idle = 0
        while True:
            call = self._call
            if call is not None and call is seen and not call.over:
                # Without the gateway this process ends soon.
                with suppress(Exception):
                    self._until_over(call)
            idle = idle + 1 if call is seen else 0
            seen = call
            if idle < AWAKE:
                time.sleep(SOON)
                continue
            self._wake.clear()
            self._sleeps = True
            if self._call is seen:
                self._wake.wait()
            self._sleeps, idle = False, 0

    def _until_over(self, call: Listening) -> None:
        asked = self._hear(call.id, first=True)
        while not call.over:
            frames = self._wait(asked, LOOK)
            if frames is not None:
                for kind, head in frames:
                    call.take(Frame(kind, head, bytearray()))
                asked = self._hear(call.id, first=False)
