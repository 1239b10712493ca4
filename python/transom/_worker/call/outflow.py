"""Sends the items of one stream call out of a worker, within the page's credit."""

import queue
from collections.abc import Callable

from ..link.frames import WANT, Outlet
from .credit import Allowance, Credit


class Outflow:
    """Sends items while there is credit. One thread pushes, the link's thread rings."""

    def __init__(self, link: Outlet, call: int, allowance: Allowance) -> None:
        self._link = link
        self._head = {"id": call}
        self._credit = Credit(allowance)
        # Not a condition: a signal may cut what waits here at any step, and leaves nothing locked.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.on_ring: Callable[[], None] = lambda: self._bell.put(None)
        """Wakes the generator that waits."""

    def push(self, kind: bytes, item: bytes | memoryview) -> bool:
        """Sends an item. False: there is no credit for it, so push it again after `wait`."""
        size = len(item)
        self._link.check(size)
        if not self._credit.fits(size):
            self._link.send(WANT, {**self._head, "size": size})
            return False
        self._credit.spend(size)
        self._link.send(kind, self._head, item)
        return True

    def wait(self) -> None:
        """Waits until there may be credit."""
        self._bell.get()

    def give_back(self, taken: int) -> None:
        """Notes that the page's loop has taken so many items in all. Runs on the link's thread."""
        self._credit.taken = max(self._credit.taken, taken)
        self.on_ring()

    def stop(self) -> None:
        """Notes that nobody wants the items any more. Runs on the link's thread."""
        self.on_ring()
