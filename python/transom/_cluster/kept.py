"""Keeps processes of Ray for calls with an `affinity`: those of one key go to one process.

Such a process is an actor of Ray's. It keeps its processors between calls, so it is let go when
others wait for them, or when it has had no call for a while.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

KEYS = 1024
"""How many keys are remembered: those used last."""
IDLE = 60.0
"""Seconds without a call after which a process is let go."""
IDLE_WHERE_OTHERS_WAIT = 10.0
"""The same on a cluster whose processors are all taken, where other apps may wait for them."""
FRESH = 1.0
"""Seconds after a call within which a process is taken to be alive still."""


class KeptProcess:
    """A process of Ray that is kept for the calls of some keys."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.is_there = False
        """Whether it has been started: it may wait for processors."""
        self.is_busy = False
        self.is_fit = False
        """Whether it can run another call."""
        self.is_dead = False
        """Whether it has died while it had no call."""
        self.finished = 0
        self.since = time.monotonic()
        """When its last call has ended."""

    @property
    def is_fresh(self) -> bool:
        """Whether it was alive a moment ago."""
        return self.is_there and time.monotonic() < self.since + FRESH


class Waiting(NamedTuple):
    """A call that waits for a process."""

    key: str
    taken: "asyncio.Future[KeptProcess]"


class KeptProcesses:
    """The processes that one gateway keeps. All runs on its loop."""

    def __init__(self, start: Callable[[], Any], last: int | None) -> None:
        """`start` has Ray start a process. `last`: it is let go after so many calls."""
        self._start = start
        self._last = last
        self._most = 1
        self._processes: list[KeptProcess] = []
        self._keys: OrderedDict[str, KeptProcess] = OrderedDict()
        self._waiting: list[Waiting] = []

    @property
    def there(self) -> int:
        """How many have been started."""
        return sum(it.is_there for it in self._processes)

    @property
    def idle(self) -> int:
        """How many of them have no call."""
        return sum(it.is_there and not it.is_busy for it in self._processes)

    @property
    def coming(self) -> int:
        """How many are being started, or wait for processors."""
        return len(self._processes) - self.there

    def resize(self, most: int) -> None:
        """Sets how many processes there may be, at least 1."""
        self._most = max(1, most)
        self._hand_out()

    def take(self, key: str) -> "asyncio.Future[KeptProcess]":
        """Waits for the process of a key. A new key gets an idle one, or another one."""
        waiting = Waiting(key, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._hand_out()
        return waiting.taken

    def give_back(self, kept: KeptProcess) -> None:
        """Notes that a call has ended."""
        kept.is_busy, kept.since = False, time.monotonic()
        kept.finished += 1
        if not kept.is_fit or (self._last is not None and kept.finished >= self._last):
            self._let_go(kept)
        self._hand_out()

    def make_room(self, waiting: int, taken: int, *, full: bool) -> None:
        """Lets processes go that are idle for too long for how the cluster is used. `waiting`: how
        many other calls have not begun. `taken`: how many fit on what these and the processes have
        taken. `full`: nothing is free on a cluster that other apps may use.
        """
        # As far as nobody else uses the cluster, the others of these have no processors.
        if waiting + self.coming > taken - self.there:
            self.tidy(0)
        elif full:
            self.tidy(IDLE_WHERE_OTHERS_WAIT)
        else:
            self.tidy(IDLE)

    def tidy(self, idle: float) -> None:
        """Lets processes go that have had no call for so many seconds."""
        long_ago = time.monotonic() - idle
        for kept in [it for it in self._processes if not it.is_busy and it.since <= long_ago]:
            self._let_go(kept)

    def forget(self) -> None:
        """Forgets all of them: the cluster is lost."""
        self._processes.clear()
        self._keys.clear()

    def _let_go(self, kept: KeptProcess) -> None:
        if kept in self._processes:
            self._processes.remove(kept)
            for key in [key for key, it in self._keys.items() if it is kept]:
                del self._keys[key]
        # Ray ends the process when nobody can reach it any more.
        kept.actor = None

    def _hand_out(self) -> None:
        for waiting in list(self._waiting):
            if waiting.taken.done():
                self._waiting.remove(waiting)
            elif (kept := self._place(waiting.key)) is not None:
                self._waiting.remove(waiting)
                self._bind(waiting.key, kept)
                kept.is_busy = True
                waiting.taken.set_result(kept)

    def _place(self, key: str) -> KeptProcess | None:
        if (bound := self._keys.get(key)) is not None:
            return None if bound.is_busy else bound
        idle = [it for it in self._processes if not it.is_busy]
        if idle:
            keys = list(self._keys.values())
            return min(idle, key=keys.count)
        if len(self._processes) >= self._most:
            return None
        kept = KeptProcess(self._start())
        self._processes.append(kept)
        return kept

    def _bind(self, key: str, kept: KeptProcess) -> None:
        self._keys[key] = kept
        self._keys.move_to_end(key)
        if len(self._keys) > KEYS:
            self._keys.popitem(last=False)
