"""Describes `Host` and `Call`: the app's actors, and the calls that Python code runs."""

from collections.abc import Callable
from types import FrameType
from typing import Any, Literal, Self

from pydantic import BaseModel

from ._app.app_handle import AppHandle
from ._desktop.webview_window import WebviewWindow
from ._desktop.window_sides import Webview, Window
from ._events.channel import Channel

class Call:
    """One call. It ends with the first of `resolve_json`, `resolve_raw`, `reject`, `finish`."""

    @property
    def id(self) -> int: ...
    @property
    def command(self) -> str: ...
    @property
    def window(self) -> str: ...
    @property
    def headers(self) -> list[tuple[bytes, bytes]]: ...
    @property
    def cancelled(self) -> bool: ...
    @property
    def time_left(self) -> float | None:
        """Seconds until its deadline, at least 0. `None`: it has none."""
    @property
    def settled(self) -> bool: ...
    @property
    def is_raw(self) -> bool:
        """Whether the page sent bytes, until the body is taken."""
    def body(self) -> bytes | None:
        """Take the body, once. `None`: the page sent none."""
    def begin(self) -> bool:
        """Mark that user code runs from here on. `False`: it must not."""
    def resolve_json(self, json: str) -> bool:
        """End with JSON text. `ValueError`: no page could read it, and the call has not ended."""
    def resolve_raw(self, bytes: bytes | memoryview) -> bool: ...
    def reject(self, code: str, message: str, details: str | None = None) -> bool:
        """End with an error; `details` is a JSON object."""
    @property
    def wants_stream(self) -> bool: ...
    def push_json(self, item: str) -> bool | None:
        """Send an item of a stream. `False`: no credit, push it again when there is; `None`:
        nobody wants it any more. `ValueError`: no page could read it."""
    def push_raw(self, item: bytes | memoryview) -> bool | None: ...
    def wait_for_credit(self) -> None:
        """Wait, without the GIL, until it is worth while to push again."""
    def open_channel(self, number: int) -> Channel:
        """Open a channel of the page that called. `WindowClosed`: its window is gone."""
    def finish(self) -> None: ...
    def progress(
        self, done: float, total: float | None = None, message: str | None = None
    ) -> None: ...

class Inbox:
    """The Python end of an executor's mail."""

    def fileno(self) -> int: ...
    def on_contention(self, tell: Callable[[bool], object]) -> None:
        """Have `tell(True)` called when calls begin to wait for the interpreter's lock, and
        `tell(False)` when none has for 10 s, or the executor ends."""
    def drain(self) -> list[Call | int | tuple[int, str, Any] | None]:
        """Take what is there: calls, calls to cancel, replies of pages, streams with new credit,
        `None` for the end."""
    def close(self) -> None:
        """Refuse the calls that are here, and those to come: nobody takes them any more."""
    def take(self) -> Call | None:
        """Wait for the next call, without the GIL. `None`: the executor ends."""

def forward_logs(level: int) -> bool:
    """Make Rust's records come out of `take_logs`. `False`: the app has a logger for them."""

def take_logs() -> list[tuple[int | None, str, str]] | None:
    """Wait, without the GIL, for `(level, target, text)`. `None`: closed.

    Without a level the text is a record of a worker's `logging`, as JSON.
    """

def close_logs() -> None: ...

class Cancels:
    """Brings the ids of cancelled calls to a thread that waits for them."""

    def __new__(cls) -> Self: ...
    def watch(self, call: Call) -> None: ...
    def take(self) -> int | None:
        """Wait for the next cancelled call, without the GIL. `None`: closed."""
    @staticmethod
    def raise_at(
        thread: int,
        frame: FrameType | None,
        frames: Callable[[], dict[int, FrameType]],
        raise_in: Callable[[int, type[BaseException]], int],
        error: type[BaseException],
    ) -> bool:
        """Call `raise_in(thread, error)`, if that thread is still in `frame`: `False` if not.

        Under the interpreter's lock it cannot go on between that look and the call.
        """
    def close(self) -> None: ...

class Abandoned:
    """The calls of an app whose work still ran at the end of its time to clean up."""

    def take(self) -> tuple[int, str, str] | None:
        """Wait, without the GIL, for the next one: `(id, command, window)`. `None`: closed."""
    def close(self) -> None: ...

class Host:
    """The actors of one app."""

    def register(self, name: str, spec: str) -> None: ...
    def unregister(self, name: str) -> None: ...
    def add_executor(self, name: str, threads: int, /, *, bounded: bool = True) -> Inbox: ...
    def add_pool(self, name: str, plan: str) -> None:
        """Add a pool of worker processes; `plan` is JSON: spec, launch, refusal."""
    def set_target(self, pool: str, command: str, target: str) -> bool:
        """Say where the workers of a pool find a command. `False`: there is no such pool."""
    def forget_target(self, pool: str, command: str) -> None: ...
    def renew_pool(self, pool: str, zygote: bool) -> bool:
        """Replace the workers of a pool as they become idle, and with `zygote` the process that
        forks them. `False`: there is no such pool."""
    def states(self, app: AppHandle) -> list[dict[type[Any], list[Any]]]:
        """The dictionaries of the state objects, each in a list of one: of the app, of windows."""
    def pools(self) -> str:
        """Look at the pools and their workers: JSON, times in milliseconds."""
    def kill_worker(self, pool: str, worker: int, calls: list[int]) -> bool:
        """Kill a worker that runs no other calls than these. `False`: it does, or is gone."""
    def end_pools(self) -> None:
        """End every worker process, within 2 s."""
    def executor_ready(self, name: str) -> None: ...
    def app_handle(self, app: AppHandle, call: Call) -> AppHandle: ...
    def emit(self, call: Call, event: str, payload: BaseModel) -> None: ...
    def calls(
        self,
    ) -> list[
        tuple[
            int,
            str,
            str,
            Literal["queued", "running", "cancelling"],
            tuple[float, float | None, str | None] | None,
            float,
            tuple[str | None, float, float | None],
            bool,
        ]
    ]: ...
    def cancel(self, call: int) -> bool: ...
    def call_page(
        self, window: WebviewWindow | Webview | str, name: str, arg: str, inbox: Inbox, token: int
    ) -> int | None: ...
    def forget_page_call(self, number: int) -> None: ...
    def call_page_blocking(
        self,
        window: WebviewWindow | Webview | str,
        name: str,
        arg: str,
        timeout: float,
        call: Call | None = None,
    ) -> tuple[str, Any]:
        """Wait without the GIL: `(kind, value)`, with the kinds `timeout` and `cancelled` too."""
    def evaluate(
        self, window: WebviewWindow | Webview, script: str, inbox: Inbox, token: int
    ) -> None: ...
    def evaluate_blocking(
        self,
        window: WebviewWindow | Webview,
        script: str,
        timeout: float,
        call: Call | None = None,
    ) -> tuple[str, Any]:
        """Wait as `call_page_blocking` does."""
    def state(self, app: AppHandle, call: Call, kind: type[Any]) -> Any:
        """Give the state of the window that called, else of the app. `None`: there is none."""
    def wait_window_end(
        self, window: WebviewWindow | Window, timeout: float | None, call: Call | None = None
    ) -> Literal["gone", "timeout", "cancelled"]:
        """Wait without the GIL until the window has gone."""
    def next_stall(self, executor: str, inbox: Inbox) -> tuple[bool, float] | None:
        """Wait, without the GIL, for a stall of the loop or its end: `(turns, seconds)`."""
    def end_watch(self, inbox: Inbox) -> None: ...
    def count_interrupt(self) -> None: ...
    def abandoned(self) -> Abandoned:
        """Bring the calls whose work is given up, from now on."""
    def metrics(self) -> str: ...
    def gauges(self) -> str: ...
    def counters(self) -> str: ...
    def trace(self, on: bool) -> None: ...
    def take_trace(self) -> str: ...
    def drain(self, seconds: float) -> bool: ...
    def end(self) -> None:
        """End the actors' thread: after `drain`, when every window is closed."""

def stop_clock() -> None:
    """Stop the clock of all time limits of this process, until `start_clock` undoes it."""

def start_clock() -> None:
    """Take one `stop_clock` back."""
