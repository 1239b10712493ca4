"""Lists and kills worker processes; implements `AppHandle.workers()` and `Metrics.pools`."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import TYPE_CHECKING, Any, Literal

from .._app.runtime import current

if TYPE_CHECKING:
    from .._native import Host

WorkerState = Literal["starting", "idle", "busy", "cancelling", "ending"]


@dataclass(frozen=True, slots=True)
class WorkerCall:
    """A call that a worker process runs."""

    id: int
    """The call's number in this app, as in `AppHandle.calls()`."""
    command: str


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """What the gateway of a `RayExecutor` sees of its cluster."""

    nodes: int
    """How many nodes are alive. 0: the gateway has no connection, or has not looked yet."""
    running: int
    """Calls of this gateway that the cluster runs, for some 20 ms or longer."""
    waiting: int
    """Calls of this gateway that the cluster has not begun."""
    waits_for: str | None
    """What a call has waited for, for 10 s or longer, and what is free of it: `1 CPU (0 free)`."""
    object_store: int
    """Bytes that the object stores of all nodes hold, whoever has put them there."""


@dataclass(frozen=True, slots=True)
class WorkerMetrics:
    """A worker process."""

    pool: str
    """The name of its pool, which is the executor of its commands."""
    id: int
    """Its number in the life of the pool."""
    pid: int | None
    """`None`: it is not there yet, or is there no more."""
    state: WorkerState
    """`cancelling`: its calls have their answers, the code still runs. `ending`: it was told to
    end, or is being killed."""
    calls: tuple[WorkerCall, ...]
    memory: int | None
    """Resident bytes. `None`: the system does not tell; Linux does."""
    finished: int
    """Calls that it has run to their end."""
    age: float
    """Seconds since it was started."""
    state_age: float
    """Seconds since it came into this state."""
    cluster: ClusterMetrics | None
    """Of the gateway of a `RayExecutor`, once it is connected."""

    @property
    def name(self) -> str:
        """The name in logs and errors: `process-3`."""
        return f"{self.pool}-{self.id}"


class Worker(WorkerMetrics):
    """A snapshot of a worker process, with a method to kill it."""

    __slots__ = ("_host",)
    _host: "Host"

    def __init__(self, host: "Host", **fields: Any) -> None:
        super().__init__(**fields)
        object.__setattr__(self, "_host", host)

    def kill(self) -> bool:
        """Kills the process and its children; another worker takes its place.

        Its calls end with `worker-lost` (`call.released` is `"killed"`), also those of idempotent
        commands. It counts neither against the command nor against the pool.

        Returns:
            `False`: the worker is gone, or has a call by now that is not among `calls`: it is left
            alone, so that a kill reaches only the calls that it was meant for.
        """
        return self._host.kill_worker(self.pool, self.id, [call.id for call in self.calls])


@dataclass(frozen=True, slots=True)
class PoolMetrics:
    """A pool of worker processes."""

    state: Literal["available", "unavailable"]
    reason: str | None
    """Why it is unavailable."""
    retry: float | None
    """Seconds until an unavailable pool tries again. `None`: it is available, or never does."""
    size: int
    """How many workers work at once."""
    waiting: int
    """Calls that have no worker yet."""
    quarantined: Mapping[str, float]
    """The commands that rest because their calls killed workers, and for how many seconds."""
    workers: tuple[WorkerMetrics, ...]
    """Oldest first."""


def pools_of(host: "Host") -> dict[str, PoolMetrics]:
    """The pools of the app that these actors serve, by name."""
    return {
        name: PoolMetrics(
            state=it["state"],
            reason=it["reason"],
            retry=_optional_seconds(it["retry"]),
            size=it["size"],
            waiting=it["waiting"],
            quarantined={command: ms / 1000 for command, ms in it["quarantined"].items()},
            workers=tuple(WorkerMetrics(**_fields(name, row)) for row in it["workers"]),
        )
        for name, it in loads(host.pools()).items()
    }


def workers() -> list[Worker]:
    """The worker processes of the running app, by pool and oldest first."""
    return workers_of(current().host)


def workers_of(host: "Host") -> list[Worker]:
    """The worker processes of the app that these actors serve."""
    return [
        Worker(host, **_fields(name, row))
        for name, pool in loads(host.pools()).items()
        for row in pool["workers"]
    ]


def _fields(pool: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "pool": pool,
        "calls": tuple(WorkerCall(**call) for call in row["calls"]),
        "age": row["age"] / 1000,
        "state_age": row["state_age"] / 1000,
        "cluster": row["cluster"] and ClusterMetrics(**row["cluster"]),
    }


def _optional_seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
