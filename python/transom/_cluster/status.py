"""Tells the app what the gateway sees of its cluster, for `app_handle.workers()`."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, Protocol

from .submitted import Submitted

OFTEN = 5.0
"""Seconds between two looks at the cluster."""
LONG = 10.0
"""Seconds in Ray's queue after which a call waits for long."""
STARTING = "a process of Ray's to start"
"""What calls wait for, if what they ask for is free."""


class SeenCluster(NamedTuple):
    """What was seen of a cluster."""

    nodes: int = 0
    """How many nodes are alive."""
    object_store: int = 0
    """Bytes that the object stores of all nodes hold."""
    room: int = 0
    """How many calls fit on the nodes at once."""
    free: int = 0
    """How many fit on what is free."""
    wanted: str = ""
    """What each call asks for, and what is free of it."""


class Looks(Protocol):
    """Looks at a cluster, which takes a moment."""

    def look(self) -> SeenCluster: ...


class Status:
    """What was seen last, and what the app was told of it."""

    def __init__(self, send: Callable[[dict[str, Any]], None], *, alone: bool) -> None:
        """`alone`: nobody else uses the cluster."""
        self.seen = SeenCluster()
        self._send = send
        self._alone = alone
        self._told: dict[str, Any] = {}

    async def look(self, driver: Looks, then: Callable[[SeenCluster], None]) -> None:
        """Looks at the cluster now and then, and hands on what is there."""
        while True:
            try:
                await self.look_now(driver)
            except Exception:  # noqa: BLE001 - the connection says that the cluster is lost
                self.seen = SeenCluster()
            then(self.seen)
            await asyncio.sleep(OFTEN)

    async def look_now(self, driver: Looks) -> None:
        """Looks at the cluster once."""
        self.seen = await asyncio.to_thread(driver.look)

    def waits_for(self, busy: int) -> str:
        """What calls wait for that Ray has not begun, in words. `busy`: how many run, or have a
        process that is kept. Ray takes what a call asks for before the call's process starts.
        """
        free = self.seen.room - busy if self._alone else self.seen.free
        return STARTING if free > 0 else self.seen.wanted

    def tell(self, calls: Collection[Submitted], idle: int = 0) -> None:
        """Tells the app, if there is something new. `idle`: how many processes are kept without a
        call.
        """
        running = sum(it.begun is not None for it in calls)
        is_long = any(it.waits_for_ray(LONG) for it in calls)
        told = {
            "nodes": self.seen.nodes,
            "running": running,
            "waiting": len(calls) - running,
            "waits_for": self.waits_for(running + idle) if is_long else None,
            "object_store": self.seen.object_store,
        }
        if told != self._told:
            self._told = told
            self._send(told)

    def lose(self) -> None:
        """Tells the app that nothing is seen of the cluster."""
        self.seen = SeenCluster()
        self.tell(())
