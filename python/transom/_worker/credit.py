"""What may be on its way to a page: the count of `src/actors/credit.rs`, kept in the worker."""

from collections import deque
from typing import TypedDict


class Allowance(TypedDict):
    """What the host allows."""

    items: int
    """How many may be outstanding: sent, and not taken by the page."""
    bytes: int
    """How many bytes of them; one item alone may have more."""
    conflate: bool
    """Neither counts: an item takes the place of one that was not taken."""


class Credit:
    """What fits here fits into the host's own count, which never hears of more."""

    def __init__(self, allowance: Allowance) -> None:
        self._items = allowance["items"]
        self._most = allowance["bytes"]
        self._conflate = allowance["conflate"]
        self._sizes = deque[int]()
        self._bytes = 0
        self._counted = 0
        self.taken = 0
        """Items that the page has taken in all. Written by the link's thread alone."""

    def fits(self, size: int) -> bool:
        """Whether an item of `size` bytes may be sent."""
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
