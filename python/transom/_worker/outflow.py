"""The items of one stream call on their way out of a worker."""

import queue
from collections import deque
from collections.abc import Callable
from typing import TypedDict

from .link import WANT, Link


class Allowance(TypedDict):
    """What the page allows, as the head of a call tells it."""

    items: int
    """How many may be outstanding: pushed, and not taken by the page's loop."""
    bytes: int
    """How many bytes of them; one item alone may have more."""
    conflate: bool
    """Neither counts: an item takes the place of one that was not taken."""


class Credit:
    """What may be pushed: the count of `src/actors/credit.rs`, which never hears of more."""

    def __init__(self, allowance: Allowance) -> None:
        self._items = allowance["items"]
        self._most = allowance["bytes"]
        self._conflate = allowance["conflate"]
        self._sizes = deque[int]()
        self._bytes = 0
        self._counted = 0
        self.taken = 0
        """Items that the page's loop has taken in all. Written by the link's thread alone."""

    def fits(self, size: int) -> bool:
        """Whether an item of `size` bytes may be pushed."""
        while self._counted < self.taken:
            self._bytes -= self._sizes.popleft()
            self._counted += 1
        return (
            self._conflate
            or not self._sizes
            or (len(self._sizes) < self._items and self._bytes + size <= self._most)
        )

    def spend(self, size: int) -> None:
        """An item of `size` bytes is outstanding from now on."""
        if not self._conflate:
            self._sizes.append(size)
            self._bytes += size


class Outflow:
    """Sends items while there is credit. One thread pushes, the link's thread rings."""

    def __init__(self, link: Link, call: int, allowance: Allowance) -> None:
        self._link = link
        self._head = {"id": call}
        self._credit = Credit(allowance)
        # Not a condition: a signal may cut what waits here at any step, and leaves nothing locked.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.on_ring: Callable[[], None] = lambda: self._bell.put(None)
        """What wakes the generator that waits."""

    def push(self, kind: bytes, item: bytes | memoryview) -> bool:
        """Sends an item. False: there is no credit for it, push it again when the bell rings."""
        size = len(item)
        if not self._credit.fits(size):
            self._link.send(WANT, {**self._head, "size": size})
            return False
        self._credit.spend(size)
        self._link.send(kind, self._head, item)
        return True

    def wait(self) -> None:
        """Waits for the bell."""
        self._bell.get()

    def give_back(self, taken: int) -> None:
        """The page's loop has taken so many items in all. On the link's thread."""
        self._credit.taken = max(self._credit.taken, taken)
        self.on_ring()

    def stop(self) -> None:
        """Nobody wants the items any more. On the link's thread."""
        self.on_ring()
