"""Holds what `transom dev` needs to replace an app's code while it runs. Elsewhere it does nothing.

`_dev/agent` uses it. The registry, the executors and the callbacks look here.
"""

import os
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

SwapHook = Callable[[Mapping[str, Any]], object]

active = False
"""Whether `transom dev` runs this app."""

attached: list[tuple[Any, Any]] = []
"""The handlers of apps that run, each with the `Runtime` of its app."""


class Stage:
    """Keeps what modules register while they are imported anew, until all of it is validated."""

    def __init__(self, modules: frozenset[str]) -> None:
        self.modules = modules
        """The names of the modules that are imported anew."""
        self.hooks: list[tuple[str, SwapHook]] = []
        """The functions that are given the old variables of their module, with its name."""
        self._entries: list[tuple[Any, dict[str, tuple[Any, Any, str | None]]]] = []

    def of(self, registry: object) -> dict[str, tuple[Any, Any, str | None]]:
        """What was registered there by name: options, entry, and the module that did it."""
        for it, entries in self._entries:
            if it is registry:
                return entries
        entries: dict[str, tuple[Any, Any, str | None]] = {}
        self._entries.append((registry, entries))
        return entries

    def registries(self) -> list[Any]:
        """Those in which something was registered."""
        return [it for it, _ in self._entries]

    def has(self, registry: object, name: str) -> bool:
        return name in self.of(registry)

    def put(self, registry: object, name: str, options: Any, entry: Any) -> None:
        self.of(registry)[name] = (options, entry, importing())


stage: ContextVar[Stage | None] = ContextVar("transom_stage", default=None)
"""Set while modules are imported anew."""


def _same(func: Any) -> Any:
    return func


latest: Callable[[Any], Any] = _same
"""Gives the newest form of a callback."""


PLACE = "TRANSOM_SWAPS"
"""The environment variable by which a zygote finds the file that counts the swaps."""
QUICK, SLOW = b" ", b"!"
"""What such a file ends with: whether the last imports of a zygote were quick."""


class Swaps:
    """Counts the swaps in memory that the zygotes of this app can read. On Linux."""

    def __init__(self) -> None:
        self._file = os.memfd_create("transom-swaps")
        self._count = 0
        os.pwrite(self._file, bytes(8) + QUICK, 0)

    def place(self) -> str:
        """The path of the memory, for other processes."""
        return f"/proc/{os.getpid()}/fd/{self._file}"

    def note(self) -> bool:
        """Has the zygotes take new code. False: they are too slow, so others have to be started."""
        self._count += 1
        os.pwrite(self._file, self._count.to_bytes(8, "little"), 0)
        return os.pread(self._file, 1, 8) != SLOW


swaps: Swaps | None = None
"""Set where zygotes are told of swaps."""


def importing() -> str | None:
    """The module whose import runs this code. `None`: none does, or nobody wants to know."""
    if not active:
        return None
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage] - `inspect` is slow
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return str(frame.f_globals.get("__name__"))
        frame = frame.f_back
    return None
