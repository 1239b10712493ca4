"""Defines `transom.metrics()` and the classes of its result."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import TYPE_CHECKING, Any

from .._app.runtime import current
from .workers import PoolMetrics, pools_of

if TYPE_CHECKING:
    from .._native import Host


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, in seconds, exact to 1 %. All are 0 when nothing was counted."""

    count: int = 0
    p50: float = 0.0
    """Half took no longer."""
    p90: float = 0.0
    """90 of 100 took no longer."""
    p99: float = 0.0
    """99 of 100 took no longer."""
    max: float = 0.0


@dataclass(frozen=True, slots=True)
class WindowMetrics:
    """The calls of a window."""

    live: int
    """Calls that its page still waits for."""
    orphans: int
    """Answered calls whose code still runs; they count against the window's limit."""
    messages: int = 0
    """Messages of channels, and events, on their way to the page: it has not taken them, as far as
    is known."""
    message_bytes: int = 0
    """Bytes of those messages."""


@dataclass(frozen=True, slots=True)
class CommandMetrics:
    """The calls of a command. Histograms begin when it is registered."""

    granted: int
    """Permits out: calls that its executor has."""
    limit: int | None
    """Its `concurrency`: permits in all, or for each key of `concurrency_per`."""
    waiting: int
    """Calls that wait for a permit."""
    queue: Latency
    """From acceptance until the code began, its arguments first. Of calls that began."""
    run: Latency
    """From there until the code ended. Of the same calls."""
    total: Latency
    """From acceptance until the answer. Of all calls that the window was admitted with."""


@dataclass(frozen=True, slots=True)
class ExecutorMetrics:
    """The calls of an executor."""

    running: int
    waiting: int
    """Calls with a permit for which it has no room yet."""


@dataclass(frozen=True, slots=True)
class StreamMetrics:
    """The streams of the app."""

    open: int
    items: int
    """Items that wait for their pages."""
    bytes: int
    """Bytes of those items."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """A snapshot of a running app."""

    calls: int
    """Calls whose code has not ended."""
    queued_bytes: int
    """Bytes of the bodies of calls that wait."""
    result_bytes: int
    """Bytes of the results on their way to their pages."""
    streams: StreamMetrics
    jobs: int
    """Detached jobs: those that run, and those whose results are kept."""
    windows: Mapping[str, WindowMetrics]
    """By label: those that are open, and those that were closed and whose code still runs."""
    commands: Mapping[str, CommandMetrics]
    """By name: the registered commands."""
    executors: Mapping[str, ExecutorMetrics]
    """By name."""
    pools: Mapping[str, PoolMetrics]
    """By name: the executors that are worker processes, also before their first call."""
    counters: Mapping[str, int]
    """How often something happened since the start.

    `value` and every code of `ERROR_CODES`: how calls were answered. `panic`: panics contained.
    `executor-stalled`: the event loop did not turn for a second. `interrupt`: calls that were
    interrupted. `worker-start` and `worker-kill`: worker processes. `dropped-callback`: events that
    came faster than callbacks took them. `dropped-log`: lines of the log that were lost.
    `dropped-event`: events that a page which was far behind did not get. `refused-message`:
    messages for such a page where nobody may wait.
    """


def metrics() -> Metrics:
    """Gauges, counters and latencies of the running app. Cheap; from any thread.

    `dataclasses.asdict(transom.metrics())` is what `json.dumps` takes.

    Raises:
        RuntimeError: There is no running app.
    """
    return metrics_of(current().host)


def metrics_of(host: "Host") -> Metrics:
    """The metrics of the app that these actors serve."""
    found: dict[str, Any] = loads(host.metrics())
    gauges, latencies = found["gauges"], found["latencies"]
    return Metrics(
        calls=gauges["calls"],
        queued_bytes=gauges["queued_bytes"],
        result_bytes=gauges["result_bytes"],
        streams=StreamMetrics(**gauges["streams"]),
        jobs=gauges["jobs"],
        windows={
            label: WindowMetrics(
                live=it["live"],
                orphans=it["orphans"],
                **{
                    name: gauges["backlogs"].get(label, {}).get(key, 0)
                    for name, key in (("messages", "messages"), ("message_bytes", "bytes"))
                },
            )
            for label, it in gauges["windows"].items()
        },
        commands={
            name: CommandMetrics(
                granted=it["granted"],
                limit=it["limit"],
                waiting=it["waiting"],
                **{kind: Latency(**it) for kind, it in latencies.get(name, NOTHING).items()},
            )
            for name, it in gauges["commands"].items()
        },
        executors={
            name: ExecutorMetrics(running=it["running"], waiting=it["waiting"])
            for name, it in gauges["executors"].items()
        },
        pools=pools_of(host),
        counters=found["counters"],
    )


NOTHING: dict[str, dict[str, Any]] = {"queue": {}, "run": {}, "total": {}}
