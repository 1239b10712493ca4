"""Defines `run()`, `Builder` and `App`, which build and run an app."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict, Unpack, cast

from .. import _fork
from .._call import descriptors
from .._commands.handler import InvokeHandler, start_threads
from .._commands.policies import Limits
from .._commands.signatures import check_arguments, check_callback
from .._loops.latch import own_portal
from .._loops.patched import check_threads
from .._native import App as NativeApp
from .._native import (
    AppHandle,
    Call,
    Context,
    Host,
    Plugin,
    builder,
    context_factory,
    start_host,
)
from .._observe.logs import configure, forwarded

# It notes where the process was started, before the app goes elsewhere.
from .._program import command as _command  # noqa: F401 # pyright: ignore[reportUnusedImport]
from .._program import failing
from . import callbacks
from .exits import OwnEnd, code_of, end_children, leave_process, watch_interpreter
from .locales import speak_as_the_user
from .plots import draw_without_windows
from .runtime import Runtime, set_current
from .signals import exit_on_signals

if TYPE_CHECKING:
    from .._commands.commands import Commands
    from .._native import RunEvent
    from ..ipc import Invoke

FOR_LOOP = 2.0
"""Seconds for the end of the event loop that `run` has made, once nothing is left on it."""

RunCallback = Callable[[AppHandle, "RunEvent"], object]


class BuilderArgs(TypedDict, total=False):
    """Arguments of `Builder.build`; `invoke_handler` is required."""

    invoke_handler: "InvokeHandler | Callable[[Invoke], object] | None"
    """The handler of the pages' calls: `commands.generate_handler(portal)`. `None`: no commands."""
    setup: Callable[[AppHandle], object]
    """Called once on the main thread when the loop starts, before the windows are served."""
    plugins: Sequence[Plugin]
    """Tauri plugins, each of them once; they start in this order. `transom.plugins` makes them."""


class Builder:
    """Builds one app. `builder_factory()` makes it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._builder = builder(*args, **kwargs)

    def build(self, context: Context, **args: Unpack[BuilderArgs]) -> "App":
        """Makes the app.

        Raises:
            TypeError: An argument is missing or unknown.
            ValueError: `setup` is an `async def`, or does not take the app's handle.
            RuntimeError: The builder, the context or a plugin was used before, or Tauri refuses.
        """
        if not args:
            raise TypeError(
                "Missing required `**kwargs` arguments `BuilderArgs`: pass `invoke_handler`"
            )
        if unknown := args.keys() - BuilderArgs.__annotations__.keys():
            raise TypeError(
                f"unknown arguments: {', '.join(sorted(unknown))}; "
                f"`build` takes {', '.join(BuilderArgs.__annotations__)}"
            )
        if "invoke_handler" not in args:
            raise TypeError("missing argument `invoke_handler`; pass `None` for no commands")
        handler = args["invoke_handler"]
        if not (handler is None or callable(handler)):
            raise TypeError(
                f"`invoke_handler` is of the class {type(handler).__name__}: pass what "
                "`commands.generate_handler(portal)` returns, or `None` for no commands"
            )
        plugins = _plugins(args.get("plugins", ()))
        if (setup := args.get("setup")) is not None:
            check_callback(setup, "`setup`", "app_handle")
        if not isinstance(cast("object", context), Context):
            raise TypeError(f"`context` is {context!r}: pass what `context_factory` returns")
        check_threads()
        descriptors.watch()
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "an app is built and run on the main thread, where the window system has its "
                "events: run the app there, and what else is to go on in a thread of its own"
            )
        limits = handler.limits if isinstance(handler, InvokeHandler) else Limits()
        host = host_for(limits)
        speak_as_the_user()
        try:
            native = self._builder.build(context, host, setup, handler is not None, plugins)
        except BaseException:
            host.end()
            raise
        runtime = Runtime(host, native.handle())
        set_current(runtime)
        return App(native, runtime, handler)


def _plugins(given: object) -> list[Plugin]:
    """The argument `plugins`. `TypeError` if it is no list of plugins."""
    if isinstance(given, Plugin) or not isinstance(given, Iterable):
        raise TypeError(f"`plugins` is {given!r}: pass a list, such as `[dialog.init()]`")
    plugins = list[Plugin]()
    for it in cast("Iterable[object]", given):
        if not isinstance(it, Plugin):
            raise TypeError(
                f"`plugins` holds {it!r}: pass what `init()` of a module of `transom.plugins` "
                "returns"
            )
        plugins.append(it)
    return plugins


def host_for(limits: Limits) -> Host:
    """Starts the actors of an app and returns the native host."""
    _fork.watch()
    return start_host(**asdict(limits))


class App:
    """A built app, bound to the thread that built it. Run it once."""

    def __init__(
        self,
        native: NativeApp,
        runtime: Runtime,
        handler: "InvokeHandler | Callable[[Invoke], object] | None",
    ) -> None:
        self._native = native
        self._runtime = runtime
        self._handler = handler
        if isinstance(handler, InvokeHandler):
            callbacks.set_portal(handler.portal)

    def _attach(self) -> None:
        """Starts the executors. From here on `run_return` has to end them."""
        if isinstance(self._handler, InvokeHandler):
            self._handler.attach(self._runtime)
        elif self._handler is not None:
            _attach_callable(self._handler, self._runtime)

    def handle(self) -> AppHandle:
        """The app's handle, for every thread. `RuntimeError` after the app has run."""
        return self._native.handle()

    def run_return(self, callback: RunCallback | None = None, /) -> int:
        """Runs the app until its last window closes or `AppHandle.exit(code)`.

        `callback(app_handle, run_event)` is told of every event, on a thread of the app's own.
        At the end its windows go from the screen, and what still runs is cancelled and waited for,
        7 s at most. Then the portal can be closed at once: tasks that go on after their cancel are
        left behind. A command that still blocks the event loop 2 s later ends with the process.

        Returns:
            The exit code: 0, the code of `exit(code)`, or 130 and 143 after Ctrl-C and SIGTERM.

        Raises:
            RuntimeError: The app has run before, or a library has replaced Python's threads.
            ValueError: `callback` does not take these arguments.
            Exception: What `setup` raised.
        """
        self.handle()
        check_threads()
        if callback is not None:
            check_arguments(callback, "the callback", "app_handle", "run_event")
        draw_without_windows()
        code, end = 1, OwnEnd(self._native)
        try:
            configure()
            self._attach()
            with forwarded(), exit_on_signals(self._native.watch_signals):
                try:
                    code = self._native.run_return(callback)
                    failing.over()
                except SystemExit as error:
                    code = code_of(error)
                    raise
                finally:
                    # First of all: what follows waits for the interpreter's lock.
                    end.begin(code)
            return code
        finally:
            self._end(code, end)

    def _end(self, code: int, end: OwnEnd) -> None:
        try:
            if self._native.took() is None:
                # Ends what a run that failed to start has left.
                self._runtime.host.drain(1.0)
            if self._runtime.portal is not None:
                end.leave_loop(self._runtime.portal)
            if isinstance(self._handler, InvokeHandler):
                self._handler.detach()
            callbacks.set_portal(None)
            set_current(None)
            watch_interpreter(self._native, code, end.took())
        finally:
            end.finish()

    def run(self, callback: RunCallback | None = None, /) -> NoReturn:
        """Runs the app, then ends the process with its exit code and without Python's clean-up."""
        code = self.run_return(callback)
        self._native.end_process_in(1.0, code).seal()
        end_children()
        leave_process(code)

    def run_iteration(self, callback: RunCallback | None = None, /) -> NoReturn:
        """Not there: Tauri's `run_iteration` returns at once, so that a loop of it computes all the
        time, and ends no app in order.

        Raises:
            NotImplementedError: Always. It says what to use.
        """
        del callback
        raise NotImplementedError(
            "there is no `run_iteration`, which Tauri has given up: it needs a loop that computes "
            "all the time. `run_return(callback)` runs the app and comes back. What would go on "
            "between the iterations goes to a thread of its own, to a task of the portal, or by "
            "`app_handle.run_on_main_thread(f)` to this thread"
        )

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Runs `f()` on the UI thread. The UI stands still while it runs.

        Returns at once; on the UI thread itself, when `f` has ended.

        Raises:
            ValueError: It is an `async def`, or takes arguments.
        """
        self._native.run_on_main_thread(f)

    def cleanup_before_exit(self) -> None:
        """Frees what the platform holds for the app, such as tray icons."""
        self._native.cleanup_before_exit()


def _attach_callable(handler: "Callable[[Invoke], object]", runtime: Runtime) -> None:
    """Registers a handler of the user's own that takes every command, one call after another."""
    from ..ipc import Invoke  # noqa: PLC0415 - `ipc` imports the registry, which needs this module

    def run(call: Call) -> None:
        handler(Invoke(call))

    start_threads("handler", 1, run, runtime.host, bounded=False)
    runtime.host.register("*", '{"executor": "handler", "queue": {"kind": "wait", "limit": 1024}}')


def builder_factory(*args: Any, **kwargs: Any) -> Builder:
    """A builder with Tauri's defaults, which ignores the arguments.

    In an app that is a crate of its own: the builder that the crate makes of the arguments.
    """
    return Builder(*args, **kwargs)


def run(
    commands: "Commands",
    src_tauri_dir: Path,
    /,
    *,
    setup: Callable[[AppHandle], object] | None = None,
    tauri_config: str | bytes | Mapping[str, Any] | None = None,
    backend: str = "asyncio",
    backend_options: dict[str, Any] | None = None,
    limits: Limits | None = None,
    executors: Mapping[str, Any] | None = None,
    callback: RunCallback | None = None,
    plugins: Sequence[Plugin] = (),
) -> int:
    """Makes portal, context and app, and runs it: `sys.exit(transom.run(commands, HERE))`.

    Args:
        commands: The app's commands.
        src_tauri_dir: The folder with `Tauri.toml` or `tauri.conf.json`, and `capabilities`.
        setup: Called once with the `AppHandle`, before the windows are served.
        tauri_config: Merged over the configuration file, as a JSON Merge Patch.
        backend: The event loop of the commands: `"asyncio"` or `"trio"`.
        backend_options: For anyio. Default: on asyncio, uvloop where it is installed.
        limits: How much the app holds at once.
        executors: Further ones by name, as of `Commands.generate_handler`.
        callback: Told of every event of the app.
        plugins: Tauri plugins, as of `Builder.build`.

    Returns:
        The exit code.
    """
    context = context_factory(Path(src_tauri_dir).absolute(), tauri_config=tauri_config)
    if backend_options is None and backend == "asyncio":
        backend_options = {"use_uvloop": _can_use_uvloop()}
    with own_portal(backend, backend_options, patience=FOR_LOOP) as portal:
        handler = commands.generate_handler(portal, executors=executors, limits=limits)
        args: BuilderArgs = {"invoke_handler": handler, "plugins": plugins}
        if setup is not None:
            args["setup"] = setup
        return builder_factory().build(context, **args).run_return(callback)


def _can_use_uvloop() -> bool:
    """Whether uvloop is installed, and would not abort the process at its end: libuv does so when
    one of the first three descriptors was closed and is now one of its own.
    """
    if find_spec("uvloop") is None:
        return False
    try:
        for descriptor in range(3):
            os.fstat(descriptor)
    except OSError:
        return False
    return True
