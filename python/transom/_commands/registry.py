"""Holds an app's commands and their options by name, and notifies watchers of changes."""

from collections import UserDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from .. import _swapping
from .._call.streams import StreamHandler
from .._executors.process import check_parameters
from .._values.codec import CommandHandler, fits_a_message, wrap_pyfunc
from .declared import Declared
from .options import OnClose, Options, options_for
from .parameters import ParametersType, parse_parameters
from .policies import QueuePolicy

F = TypeVar("F", bound=Callable[..., Any])


class Registered(NamedTuple):
    """What is registered under a name."""

    parameters: ParametersType
    handler: CommandHandler


class Watcher(Protocol):
    """Notified of every change of a registry, on the thread that makes it."""

    def register(self, name: str, spec: str, /) -> None: ...
    def unregister(self, name: str, /) -> None: ...


class Registry(UserDict[str, Registered]):
    """A mapping of names to `(parameters, handler)`. It is looked up at each call, so later changes
    take effect.
    """

    def __init__(self) -> None:
        self._options: dict[str, Options] = {}
        self._watchers: list[Watcher] = []
        self.owner: str | None = _swapping.importing()
        """The module that made it. Known under `transom dev` only."""
        self.origins: dict[str, str | None] = {}
        """The modules that have registered the commands. Known under `transom dev` only."""
        self.events: Declared[Any] = Declared("event")
        self.pages: Declared[Any] = Declared("page")
        super().__init__()

    def command(
        self,
        name: str | None = None,
        /,
        *,
        executor: str | None = None,
        concurrency: int | None = None,
        concurrency_per: str | None = None,
        queue: QueuePolicy | None = None,
        timeout: float | None = None,
        total_timeout: float | None = None,
        on_close: OnClose = "cancel",
        idempotent: bool = False,
        interrupt: bool = False,
        affinity: str | None = None,
        shared: bool = False,
    ) -> Callable[[F], F]:
        """Registers the decorated function, and returns it unchanged.

        Args:
            name: Default: the function's `__name__`. Any text of 1 to 256 bytes of UTF-8.
            executor: `"async"` (default for `async def`) runs on the portal's event loop,
                `"thread"` (default for `def`) on a thread of the app's own, `"process"` in a worker
                process; or the name of one that `generate_handler` is given.
            concurrency: How many calls run at once. Default: as many as the executor takes; one
                for `Latest`, `DropOldest` and `Serial`.
            concurrency_per: What has that many permits for itself: `"app"` (default), each
                `"window"`, or each value of the body at a JSON pointer, like `"/doc"`.
            queue: What happens beyond that: `Wait(n)` (default: `Wait(1024)`), `Reject()`,
                `Latest(key)`, `DropOldest(n)` or `Serial(key)`.
            timeout: Seconds that a call may take from its admission, its time in the queue
                included. Beyond it: `deadline-exceeded`, and its code is cancelled. A page can
                ask for less. Of a stream: seconds that the next item may take, beside those in
                which the generator waits for the page.
            total_timeout: Seconds that all of a stream may take from its admission. A page can
                ask for less. Default: without end.
            on_close: What happens to a call whose page goes: `"cancel"` (default), or `"detach"`:
                it goes on as a job, which a later page finds by `pyJobs()`.
            idempotent: Of a command of worker processes: a call whose worker dies runs once more,
                on another one. Not of a stream.
            interrupt: A cancel raises `transom.Cancelled` between two bytecodes of the thread
                that runs the call, never during an import. Only for a plain `def`; see
                `CallContext.shield`.
            affinity: Of a command of worker processes: calls with the same value of the body at
                this JSON pointer (`"/doc"`), or of the same `"window"`, go to the same worker
                while it lives, and wait for it. Default: to any that is idle.
            shared: Of an `async def` of worker processes that mostly waits: its calls run beside
                others such, 64 in one worker, and none of them is killed while another goes on.

        Raises:
            TypeError: It was used without parentheses, or the name is no text.
            ValueError: The name is taken, or the signature is not a command's; it says why.
        """
        if callable(name):
            raise TypeError("write `@commands.command()`, with parentheses, over a function")
        if name is not None:
            _check_name(name)

        def register(func: F) -> F:
            key = _name_of(func) if name is None else name
            if self._is_taken(key):
                raise ValueError(
                    f"Command `{key}` already exists. If it's expected, use `set_command` instead."
                )
            options = options_for(
                func,
                executor=executor,
                concurrency=concurrency,
                concurrency_per=concurrency_per,
                queue=queue,
                timeout=timeout,
                total_timeout=total_timeout,
                on_close=on_close,
                idempotent=idempotent,
                interrupt=interrupt,
                affinity=affinity,
                shared=shared,
            )
            self._set(key, func, options)
            return func

        return register

    def set_command(self, name: str, handler: Callable[..., Any], /) -> None:
        """Registers `handler` under `name`, and replaces what is there."""
        _check_name(name)
        self._set(name, handler, options_for(handler))

    def _set(self, name: str, func: Callable[..., Any], options: Options) -> None:
        if not 1 <= len(name.encode()) <= 256:
            raise ValueError(f"a command's name has 1 to 256 bytes of UTF-8, got {name!r}")
        parameters = self.parse_parameters(func)
        if options.executor == "process":
            check_parameters(name, parameters)
        handler = self.wrap_pyfunc(func, parameters)
        is_stream = isinstance(handler, StreamHandler)
        if is_stream and options.on_close == "detach":
            raise ValueError(f"`{name}` is a stream: it ends with its page and cannot be detached")
        if not is_stream and options.total_timeout is not None:
            raise ValueError(
                f"`{name}` is no stream: `timeout` says how long it may take in all, "
                "`total_timeout` is for streams"
            )
        if (stage := _swapping.stage.get()) is not None:
            stage.put(self, name, options, Registered(parameters, handler))
            return
        self._options[name] = options
        self[name] = Registered(parameters, handler)

    def _is_taken(self, name: str) -> bool:
        stage = _swapping.stage.get()
        if stage is None:
            return name in self.data
        # What the old code of the same modules has registered is about to go.
        return stage.has(self, name) or (
            name in self.data and self.origins.get(name) not in stage.modules
        )

    @staticmethod
    def parse_parameters(pyfunc: Callable[..., Any], /) -> ParametersType:
        """The parameters of `pyfunc`. `ValueError` says what is wrong with them."""
        return parse_parameters(pyfunc)

    @staticmethod
    def wrap_pyfunc(
        pyfunc: Callable[..., Any], parameters: ParametersType | None = None, /
    ) -> CommandHandler:
        """Wraps `pyfunc`: it takes a `body` of bytes, and returns JSON text (`str`) or bytes.

        `parameters`: what `parse_parameters` gives for it, which is also the default.
        """
        return wrap_pyfunc(pyfunc, parse_parameters(pyfunc) if parameters is None else parameters)

    def options(self, name: str) -> Options:
        """The options of a command."""
        known = self._options.get(name)
        return known or options_for(self.data[name][1])

    def _spec(self, name: str) -> str:
        return self.options(name).spec(message=fits_a_message(*self.data[name]))

    def declared(self) -> tuple[Declared[Any], ...]:
        """What it has beside the commands."""
        return self.events, self.pages

    def watch(self, watcher: Watcher) -> None:
        """Notifies `watcher` of every command, present and future."""
        self._watchers.append(watcher)
        for name in self.data:
            watcher.register(name, self._spec(name))

    def unwatch(self, watcher: Watcher) -> None:
        """Stops notifying `watcher`."""
        self._watchers.remove(watcher)

    def replace(
        self, new: Mapping[str, tuple[Options | None, Registered]], gone: Iterable[str]
    ) -> None:
        """Replaces commands by name in one step: a call finds the new ones of all, or of none.

        Those that run go on. `gone` names commands that are removed.
        """
        before = {name: self._spec(name) for name in new if name in self.data}
        for name, (options, _) in new.items():
            if options is None:
                self._options.pop(name, None)
            else:
                self._options[name] = options
        self.data.update({name: entry for name, (_, entry) in new.items()})
        for name in gone:
            del self[name]
        for name in new:
            spec = self._spec(name)
            in_pool = self.options(name).executor not in ("async", "thread")
            # Where a worker finds a command is not in its specification.
            if in_pool or spec != before.get(name):
                for watcher in self._watchers:
                    watcher.register(name, spec)

    def __setitem__(self, key: str, item: tuple[ParametersType, CommandHandler]) -> None:
        item = Registered(*item)
        if (stage := _swapping.stage.get()) is not None:
            stage.put(self, key, None, item)
            return
        if _swapping.active:
            self.origins[key] = _swapping.importing()
        super().__setitem__(key, item)
        for watcher in self._watchers:
            watcher.register(key, self._spec(key))

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._options.pop(key, None)
        self.origins.pop(key, None)
        for watcher in self._watchers:
            watcher.unregister(key)


def _name_of(func: Callable[..., Any]) -> str:
    """The name of a command that was registered without one."""
    name: str | None = getattr(func, "__name__", None)
    if name is None:
        raise ValueError(f'{func!r} has no name of its own: give one, like `command("greet")`')
    return name


def _check_name(name: object) -> None:
    """Raises `TypeError` for a name of the wrong type."""
    if not isinstance(name, str):
        raise TypeError(f'the name of a command is a text, like `command("greet")`, got {name!r}')
