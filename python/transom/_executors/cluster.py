"""Defines `RayExecutor`, and describes its gateway to the native side."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, cast

from .keyword_only import keyword_only
from .pool_checks import BACKENDS, is_duration, is_number, limit, optional, require, whole
from .process import BOOT, ProcessPool

KILLED = 15.0
"""Seconds beyond `grace` within which the gateway has ended a cancelled call, or is killed itself.
More than it gives Ray for that.
"""


@keyword_only("address")
@dataclass(frozen=True, slots=True, kw_only=True)
class RayExecutor:
    """Runs commands on a Ray cluster, each call as a task of Ray.

    Needs `pip install "transom[ray]"`. Nothing is started before the first call. That one starts
    a gateway: a process between the app and Ray, as the app itself never imports it.

    Args:
        address: `None` starts a Ray on this machine, which ends with the app. Others come later.
        num_cpus: Processors that Ray keeps for each call.
        num_gpus: GPUs that Ray keeps for each call.
        resources: Custom resources of Ray's that each call needs, by name.
        runtime_env: The environment of Ray's processes, as Ray takes it. It is JSON.
        max_calls: A process of Ray's is replaced after so many calls.
        grace: Seconds from `Cancelled` in a command to the kill of its process.
        initializer: A function of a module, called in each process of Ray's before its first call.
        backend: The event loop of `async def` commands.
        max_restarts: `(n, seconds)`: with a gateway that dies more than `n` times within
            `seconds` before it has finished a call, the executor is `unavailable` for 30 s.
            `None`: never.
        quarantine: `(n, seconds)`: a command during whose calls the gateway dies `n` times within
            `seconds` is `quarantined` for 30 s. `None`: never.
        start_timeout: Seconds that the gateway may take to start Ray.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        NotImplementedError: `address` is given.
        ValueError: Another argument is not valid.
    """

    address: str | None = None
    num_cpus: float = 1
    num_gpus: float = 0
    resources: Mapping[str, float] | None = None
    runtime_env: Mapping[str, Any] | None = None
    max_calls: int | None = None
    grace: float = 3.0
    initializer: Callable[[], object] | None = None
    backend: Literal["asyncio", "trio"] = "asyncio"
    max_restarts: tuple[int, float] | None = (5, 30.0)
    quarantine: tuple[int, float] | None = (3, 60.0)
    start_timeout: float = 120.0

    def __post_init__(self) -> None:
        if self.address is not None:
            raise NotImplementedError(
                f"`RayExecutor(address={self.address!r})`: a cluster that runs already cannot be "
                "used yet. Leave `address` out, which starts a Ray on this machine"
            )
        amount = "a number, 0 or more"
        require(self, "num_cpus", amount, is_amount)
        require(self, "num_gpus", amount, is_amount)
        require(self, "resources", "a mapping of names to numbers", optional(is_resources))
        require(self, "runtime_env", "a mapping that JSON can express", optional(is_json))
        require(self, "max_calls", "a whole number, at least 1", optional(whole(1)))
        require(self, "grace", "a number of seconds, 0 or more", is_amount)
        require(self, "start_timeout", "a number of seconds, above 0", is_duration)
        limits = "(how often, within how many seconds), or `None`"
        require(self, "max_restarts", limits, optional(limit(0)))
        require(self, "quarantine", limits, optional(limit(1)))
        require(self, "initializer", "a function of a module", optional(callable))
        require(self, "backend", '"asyncio" or "trio"', lambda it: it in BACKENDS)
        self._pool()  # checks the initializer, and whether trio is there
        if find_spec("ray") is None:
            raise ModuleNotFoundError(
                "`RayExecutor` needs Ray, which is not installed: pip install 'transom[ray]'"
            )

    def _pool(self) -> ProcessPool:
        """The pool of the gateway."""
        return ProcessPool(
            workers=1,
            warm=0,
            grace=self.grace + KILLED,
            after_cancel="keep",
            initializer=self.initializer,
            max_restarts=self.max_restarts,
            quarantine=self.quarantine,
            start_timeout=self.start_timeout,
            backend=self.backend,
        )

    def plan(self, *, embedded: bool) -> str:
        """The description of the gateway for the native side."""
        options = {
            "num_cpus": self.num_cpus,
            "num_gpus": self.num_gpus or None,
            "resources": self.resources and dict(self.resources),
            "runtime_env": self.runtime_env and dict(self.runtime_env),
            "max_calls": self.max_calls,
        }
        given = {name: it for name, it in options.items() if it is not None}
        told = {"options": given, "grace": self.grace, "boot": str(BOOT)}
        return self._pool().plan(embedded=embedded, gateway=told)


def is_amount(value: Any) -> bool:
    """Whether it is a number, 0 or more."""
    return is_number(value) and 0 <= value < float("inf")


def is_resources(value: object) -> bool:
    """Whether it is a mapping of names to amounts."""
    if not isinstance(value, Mapping):
        return False
    items = cast("Mapping[object, object]", value).items()
    return all(isinstance(name, str) and name and is_amount(it) for name, it in items)


def is_json(value: object) -> bool:
    """Whether it is a mapping that JSON can express."""
    if not isinstance(value, Mapping):
        return False
    try:
        json.dumps(dict(cast("Mapping[str, Any]", value)))
    except (TypeError, ValueError):
        return False
    return True
