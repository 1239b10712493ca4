"""Defines the actor that passes frames between the gateway and running calls. Ray ships it by
value, so it imports nothing of this package.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

OVER = 4096
"""How many calls that have ended are remembered."""


class Box:
    """What the gateway tells one call."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self.changed = asyncio.Event()


class Relay:
    """Keeps what one side says until the other one asks for it. It lives as long as the gateway.

    What it keeps is bounded by what calls may send without credit, and by their number.
    """

    def __init__(self) -> None:
        self._out: list[tuple[int, Sequence[Any]]] = []
        self._came = asyncio.Event()
        self._boxes: dict[int, Box] = {}
        self._over: deque[int] = deque(maxlen=OVER)

    # For calls.

    async def put(self, call: int, frames: Sequence[Any]) -> None:
        """Takes frames of a call for the gateway. 0: of none."""
        self._out.append((call, frames))
        self._came.set()

    async def hear(self, call: int) -> list[Any]:
        """Waits for frames to a call. None: it is over."""
        if call in self._over:
            return []
        box = self._boxes.setdefault(call, Box())
        await box.changed.wait()
        box.changed.clear()
        frames, box.frames = box.frames, []
        return frames

    # For the gateway.

    async def ready(self) -> None:
        """Returns when this actor has been started."""

    async def take(self) -> list[tuple[int, Sequence[Any]]]:
        """Waits for frames of calls."""
        await self._came.wait()
        self._came.clear()
        out, self._out = self._out, []
        return out

    async def tell(self, call: int, frame: Any) -> None:
        """Keeps a frame for a call."""
        box = self._boxes.setdefault(call, Box())
        box.frames.append(frame)
        box.changed.set()

    async def forget(self, call: int) -> None:
        """Notes that a call is over."""
        self._over.append(call)
        if box := self._boxes.pop(call, None):
            box.changed.set()
