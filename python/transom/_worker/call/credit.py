"""Counts what may be in transit to a page, like `src/actors/stream/credit.rs` in the host."""

from collections import deque
from typing import TypedDict


class Allowance(TypedDict):
    """The limits that the host sets."""

    items: int
    """How many may be outstanding: sent, and not taken by the page."""
    bytes: int
    """How many bytes of them; one item alone may have more."""
    conflate: bool
    """Neither limit counts: a new item replaces one that was not taken."""


class Credit:
    """The credit of one call. What fits here also fits into the host's own count."""

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
        """Counts an item of `size` bytes as outstanding."""
        if not self._conflate:
            self._sizes.append(size)
            self._bytes += size
