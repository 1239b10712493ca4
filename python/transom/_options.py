"""How a command is run: the keyword arguments of `@commands.command()`."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ._codec import is_async
from ._policies import QueuePolicy, Reject, Wait

OnClose = Literal["cancel", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a command is run."""

    executor: str
    concurrency: int | None = None
    concurrency_per: str = "app"
    queue: QueuePolicy = field(default_factory=Wait)
    timeout: float | None = None
    on_close: OnClose = "cancel"
    idempotent: bool = False
    interrupt: bool = False

    def spec(self) -> str:
        """For the native side."""
        return json.dumps(asdict(self) | {"queue": self.queue.spec()})


def options_for(func: Callable[..., Any], **given: Any) -> Options:
    """The options of `func`; `None` stands for the default. `ValueError` says what is wrong."""
    default: dict[str, Any] = {"executor": "async" if is_async(func) else "thread"}
    chosen = Options(**default | {name: it for name, it in given.items() if it is not None})
    _check_executor(func, chosen.executor)
    if chosen.concurrency is not None and chosen.concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, got {chosen.concurrency}")
    if chosen.concurrency is None and isinstance(chosen.queue, Reject):
        raise ValueError("`Reject()` needs a `concurrency`: without one nothing is ever refused")
    if chosen.timeout is not None and not chosen.timeout > 0:
        raise ValueError(f"timeout must be above 0 seconds, got {chosen.timeout}")
    if chosen.on_close not in ("cancel", "detach"):
        raise ValueError(f'on_close must be "cancel" or "detach", got {chosen.on_close!r}')
    if chosen.interrupt and is_async(func):
        raise ValueError(
            f"`{func.__qualname__}` is an `async def`, which a cancel stops at its `await`s "
            "already: `interrupt=True` is for a plain `def`"
        )
    return chosen


def _check_executor(func: Callable[..., Any], executor: str) -> None:
    if executor == "async" and not is_async(func):
        raise ValueError(
            f"`{func.__qualname__}` is a plain `def`: it would block the event loop. "
            'Write `async def`, or use executor="thread".'
        )
    if executor != "async" and is_async(func):
        raise ValueError(
            f"`{func.__qualname__}` is an `async def`: it runs on the event loop. "
            f"Write a plain `def` for executor={executor!r}."
        )
