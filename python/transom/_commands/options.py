"""Checks and holds the options of a command: the arguments of `@commands.command()`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from json import dumps
from typing import Any, Literal

from .._executors.addresses import address_of, function_of
from .._values.codec import is_async
from .policies import (
    DropOldest,
    Latest,
    QueuePolicy,
    Reject,
    Serial,
    Wait,
    check_count,
    check_key,
    check_seconds,
)
from .signatures import check_decorators, hides_coroutine, name_of

OnClose = Literal["cancel", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one command."""

    executor: str
    concurrency: int | None = None
    concurrency_per: str = "app"
    queue: QueuePolicy = field(default_factory=Wait)
    timeout: float | None = None
    total_timeout: float | None = None
    on_close: OnClose = "cancel"
    idempotent: bool = False
    interrupt: bool = False
    affinity: str | None = None
    shared: bool = False

    def spec(self, *, message: bool) -> str:
        """The options for the native side. `message`: calls may come as script messages."""
        return dumps(asdict(self) | {"queue": self.queue.spec(), "message": message})


def options_for(func: Callable[..., Any], **given: Any) -> Options:
    """The options of `func`; `None` stands for the default. `ValueError` says what is wrong."""
    given = {name: it for name, it in given.items() if it is not None}
    check_decorators(func)
    if "executor" not in given and not is_async(func) and hides_coroutine(func):
        raise ValueError(
            f"`{name_of(func)}` is a plain `def` that a decorator has put around an `async def`: "
            "its coroutine would be lost. Write `async def` and `await` in the decorator; or, if "
            'it waits for the coroutine by itself, say where it may block: executor="thread".'
        )
    default: dict[str, Any] = {"executor": "async" if is_async(func) else "thread"}
    queue = given.get("queue", Wait())
    if not isinstance(queue, QueuePolicy):
        raise ValueError(f"queue must be a policy, like `Wait(64)` or `Reject()`, got {queue!r}")
    if "concurrency" not in given:
        default |= _concurrency_of(queue)
    chosen = Options(**default | given)
    _check_executor(func, chosen.executor)
    check_key("concurrency_per", chosen.concurrency_per)
    if chosen.concurrency is not None:
        check_count("concurrency", chosen.concurrency)
    elif isinstance(queue, Reject):
        raise ValueError("`Reject()` needs a `concurrency`: without one nothing is ever refused")
    elif chosen.concurrency_per != "app":
        raise ValueError("`concurrency_per` needs a `concurrency`: how many run at once for each")
    for name in ("timeout", "total_timeout"):
        if (seconds := getattr(chosen, name)) is not None:
            check_seconds(name, seconds)
    if chosen.on_close not in ("cancel", "detach"):
        raise ValueError(f'on_close must be "cancel" or "detach", got {chosen.on_close!r}')
    if chosen.executor in ("async", "thread"):
        check_in_app(name_of(func), chosen)
    check_affinity_key(chosen.affinity)
    if chosen.shared and not is_async(func):
        raise ValueError(
            f"`{name_of(func)}` is a plain `def`, which has its worker process for itself: "
            "`shared=True` is for an `async def`"
        )
    if chosen.interrupt and is_async(func):
        raise ValueError(
            f"`{name_of(func)}` is an `async def`, which a cancel stops at its `await`s "
            "already: `interrupt=True` is for a plain `def`"
        )
    return chosen


def _concurrency_of(queue: QueuePolicy) -> dict[str, Any]:
    """The concurrency of policies for calls in a row, if none is given: one at a time."""
    match queue:
        case Latest(key) | Serial(key):
            return {"concurrency": 1, "concurrency_per": key}
        case DropOldest():
            return {"concurrency": 1}
        case _:
            return {}


def _check_executor(func: Callable[..., Any], executor: str) -> None:
    if executor == "process":
        address_of(func, f"`{name_of(func)}`, a command of a worker process,")
    if executor == "async" and not is_async(func):
        raise ValueError(
            f"`{name_of(func)}` is a plain `def`: it would block the event loop. "
            'Write `async def`, or use executor="thread".'
        )
    if executor == "thread":
        check_plain(func, executor)


def _of_workers(options: Options) -> list[str]:
    """The names of those options that only worker processes know, where they are given."""
    given = {
        "affinity": options.affinity is not None,
        "shared": options.shared,
        "idempotent": options.idempotent,
    }
    return [option for option, is_given in given.items() if is_given]


def check_in_app(name: str, options: Options) -> None:
    """Raises `ValueError` for options of worker processes, of a command that runs in the app's."""
    for option in _of_workers(options):
        raise ValueError(
            f"`{name}` runs on the executor {options.executor!r}, in the app's process: "
            f'`{option}` is for the worker processes of executor="process" or another `ProcessPool`'
        )


def check_on_cluster(name: str, options: Options) -> None:
    """Raises `ValueError` for options of a command that a `RayExecutor` does not know."""
    if options.shared:
        raise ValueError(
            f"`{name}` runs on {options.executor!r}, a `RayExecutor`, which gives each call a "
            "process and processors of its own, so `shared` cannot be used: for calls that mostly "
            "wait, leave it out and let each ask for a part of a processor, "
            "`RayExecutor(num_cpus=0.1)`; or run the command in a `ProcessPool`"
        )


def check_affinity_key(affinity: str | None) -> None:
    """Raises `ValueError` for a key that does not tell calls apart."""
    if affinity is not None:
        check_key("affinity", affinity)
    if affinity == "app":
        raise ValueError('affinity must be "window" or a JSON pointer like "/doc", not "app"')


def check_plain(func: Callable[..., Any], executor: str) -> None:
    """Raises `ValueError` for an `async def` on threads."""
    if is_async(func):
        raise ValueError(
            f"`{name_of(func)}` is an `async def`: it runs on the event loop. "
            f"Write a plain `def` for executor={executor!r}."
        )


def target_of(name: str, handler: Callable[..., Any], options: Options, *, on_cluster: bool) -> str:
    """The place where a worker finds a command, as the native side takes it."""
    module, qualname = address_of(function_of(handler), f"`{name}`")
    target = {
        "module": module,
        "qualname": qualname,
        "idempotent": options.idempotent,
        "affinity": options.affinity or "app",
        # A gateway takes them all, and gives each to a process of its own.
        "shared": options.shared or on_cluster,
    }
    return dumps(target)
