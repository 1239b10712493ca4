"""Defines `RayExecutor`, and describes its gateway to the native side."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, cast

from .._cluster.endpoint import AUTO, endpoint_of, is_exposed, resolved
from .keyword_only import keyword_only
from .pool_checks import BACKENDS, is_duration, is_number, limit, optional, require, whole
from .process import BOOT, ProcessPool

KILLED = 15.0
"""Seconds beyond `grace` within which the gateway has ended a cancelled call, or is killed itself.
More than it gives Ray for that.
"""


SHARE = 64
"""Calls that share a gateway at most, as `src/workers/pool/member.rs` has it."""

log = logging.getLogger("transom.cluster")

warned = set[str]()
"""The addresses that were warned of."""


@keyword_only("address")
@dataclass(frozen=True, slots=True, kw_only=True)
class RayExecutor:
    """Runs commands on a Ray cluster, each call as a task of Ray.

    Needs `pip install "transom[ray]"`. Nothing is started before the first call. That one starts
    a gateway: a process between the app and Ray, as the app itself never imports it.

    Args:
        address: `None` starts a Ray on this machine, which ends with the app. `"auto"` is the Ray
            that runs on this machine, `"host:port"` a cluster that this machine is a node of, and
            `"ray://host:port"` one somewhere else, by Ray's client.
        num_cpus: Processors that Ray keeps for each call.
        num_gpus: GPUs that Ray keeps for each call.
        resources: Custom resources of Ray's that each call needs, by name.
        runtime_env: The environment of Ray's processes, as Ray takes it. It is JSON. With
            `working_dir` or `py_modules` in it, the app's code is sent by no other way.
        max_calls: A process of Ray's is replaced after so many calls.
        grace: Seconds from `Cancelled` in a command to the kill of its process.
        workers: How many calls are with Ray at once, others wait in the app. Each 64 of them have
            a gateway of their own; a Ray on this machine has one.
        max_wait: Seconds that a call may wait for processors of the cluster until it is
            `unavailable`. Default: for ever, but not for what no node has.
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
        ValueError: An argument is not valid.
    """

    address: str | None = None
    num_cpus: float = 1
    num_gpus: float = 0
    resources: Mapping[str, float] | None = None
    runtime_env: Mapping[str, Any] | None = None
    max_calls: int | None = None
    grace: float = 3.0
    workers: int = SHARE
    max_wait: float | None = None
    initializer: Callable[[], object] | None = None
    backend: Literal["asyncio", "trio"] = "asyncio"
    max_restarts: tuple[int, float] | None = (5, 30.0)
    quarantine: tuple[int, float] | None = (3, 60.0)
    start_timeout: float = 120.0

    def __post_init__(self) -> None:
        forms = '"auto", "host:port" or "ray://host:port"'
        require(self, "address", forms, optional(is_address))
        amount = "a number, 0 or more"
        require(self, "num_cpus", amount, is_amount)
        require(self, "num_gpus", amount, is_amount)
        require(self, "resources", "a mapping of names to numbers", optional(is_resources))
        require(self, "runtime_env", "a mapping that JSON can express", optional(is_json))
        require(self, "max_calls", "a whole number, at least 1", optional(whole(1)))
        require(self, "grace", "a number of seconds, 0 or more", is_amount)
        require(self, "workers", "a whole number, at least 1", whole(1))
        if self.address is None:
            require(self, "workers", f"at most {SHARE} without an `address`", whole(1, SHARE))
        require(self, "max_wait", "a number of seconds, above 0", optional(is_duration))
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
        if resolved(self.address or "").startswith("ray://") and find_spec("grpc") is None:
            raise ModuleNotFoundError(
                "`ray://` needs the client of Ray, which is not installed: "
                "pip install 'transom[ray]'"
            )

    def _pool(self) -> ProcessPool:
        """The pool of the gateways."""
        return ProcessPool(
            workers=self._gateways,
            warm=0,
            grace=self.grace + KILLED,
            after_cancel="keep",
            initializer=self.initializer,
            max_restarts=self.max_restarts,
            quarantine=self.quarantine,
            start_timeout=self.start_timeout,
            backend=self.backend,
        )

    @property
    def _gateways(self) -> int:
        return -(-self.workers // SHARE)

    def plan(self, *, embedded: bool, idempotent: Sequence[str] = ()) -> str:
        """The description of the gateway for the native side. `idempotent`: the names of commands
        whose calls run again when the cluster has lost them.
        """
        warn_if_exposed(self.address)
        options = {
            "num_cpus": self.num_cpus,
            "num_gpus": self.num_gpus or None,
            "resources": self.resources and dict(self.resources),
            "runtime_env": self.runtime_env and dict(self.runtime_env),
            "max_calls": self.max_calls,
        }
        given = {name: it for name, it in options.items() if it is not None}
        told = {
            "address": self.address,
            "options": given,
            "grace": self.grace,
            "calls": -(-self.workers // self._gateways),
            "max_wait": self.max_wait,
            "idempotent": [*idempotent],
            "start_timeout": self.start_timeout,
            "boot": str(BOOT),
        }
        return self._pool().plan(embedded=embedded, gateway=told)


def is_address(value: object) -> bool:
    """Whether it is an address of a cluster."""
    return isinstance(value, str) and (value == AUTO or endpoint_of(value) is not None)


def warn_if_exposed(address: str | None) -> None:
    """Warns once of calls that cross a network in plain text."""
    if address is None or address in warned or not is_exposed(address):
        return
    warned.add(address)
    log.warning(
        "calls to the Ray cluster at %s cross the network in plain text, with all that they hold: "
        "set RAY_USE_TLS=1 and Ray's certificates in the environment of the app and of the "
        "cluster, or use a tunnel",
        resolved(address),
    )


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
