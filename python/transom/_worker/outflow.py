"""The items of one stream call on their way out of a worker."""

import queue
from collections.abc import Callable

from .credit import Allowance, Credit
from .link import WANT, Link


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
        self._link.check(size)
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
