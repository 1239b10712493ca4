"""Imports modules before workers are forked, so that each fork can use them like its own.

A fork has one thread, whatever its parent had. So nothing may start threads here: libraries are
told to start none while they are imported, and get theirs in each worker.
"""

import builtins
import ctypes
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from ..._observe.failures import trace_of
from .reseed import RandomGenerators

TASKS = Path("/proc/self/task")

WITHOUT_THREADS = {"OPENBLAS_NUM_THREADS": "1", "GOTO_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1"}
"""For libraries that start their threads when they are loaded: OpenBLAS (numpy, scipy, OpenCV) and
numexpr. Others (OpenMP, MKL, numba, Arrow, Rayon, polars) start theirs when they first need them.
"""

ALLOCATORS = ("_RJEM_MALLOC_CONF", "JE_ARROW_MALLOC_CONF", "MALLOC_CONF")
"""The variables with jemalloc's options: for Rust libraries (polars), for Arrow, for any other."""
NO_BACKGROUND = "background_thread:false"

ENDING = 0.25
"""Seconds that threads have to end after an import that only needed them meanwhile, such as the
timer of matplotlib that warns of a font cache which takes long to build.
"""

REASON = 8 * 1024
"""The longest reason that is reported, in characters."""


class Unloadable(NamedTuple):
    """A module that cannot be preloaded."""

    module: str
    reason: str


class Preloaded:
    """The modules that a zygote has imported for its forks."""

    def __init__(self) -> None:
        self._generators = RandomGenerators()
        self._setters: list[Callable[[int], object]] = []

    def load(self, modules: Sequence[str]) -> list[Unloadable]:
        """Imports the modules. Returns those that cannot be preloaded.

        The rest has to be done again without them, in another process.
        """
        if not modules:
            return []
        with changed_environment(quiet(os.environ)), ThreadWatch() as watch, self._generators:
            found = [it for it in (load(module, watch) for module in modules) if it is not None]
        if not found:
            self._generators.collect()
            self._setters = list(openblas_setters())
        return found

    def settle(self) -> None:
        """Gives libraries their threads and new seeds, in a fork that has its environment."""
        count = threads_of("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
        for set_threads in self._setters:
            set_threads(count)
        if numexpr := sys.modules.get("numexpr"):
            with suppress(Exception):
                numexpr.set_num_threads(threads_of("NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS"))
        self._generators.seed_anew()


def load(module: str, watch: "ThreadWatch") -> Unloadable | None:
    """Imports a module. Returns why that was not possible, or `None`."""
    try:
        importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001 - `SystemExit` too
        return Unloadable(module, f"`{module}`: {trace_of(error)[-REASON:]}")
    finally:
        started = watch.take(module)
    if started is None or not (names := lasting_threads()):
        return None
    who = "it" if started == module.partition(".")[0] else f"it imports `{started}`, which"
    return Unloadable(
        module,
        f"`{module}`: {who} starts threads when it is imported ({', '.join(names)}), "
        "which a fork would lose",
    )


def quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that keep libraries from starting threads when they are loaded."""
    given = {name: environment.get(name) for name in ALLOCATORS}
    options = {name: f"{it},{NO_BACKGROUND}" if it else NO_BACKGROUND for name, it in given.items()}
    return WITHOUT_THREADS | options


@contextmanager
def changed_environment(changes: Mapping[str, str]) -> Generator[None]:
    """Sets these environment variables inside the block."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def threads_of(*names: str) -> int:
    """The number of threads by the first of these variables that gives one.

    It is at most the number of processors, as these libraries take it when they are loaded.
    """
    processors = len(os.sched_getaffinity(0))
    for name in names:
        # OpenMP takes a list, one number for each level of nesting.
        first = os.environ.get(name, "").partition(",")[0].strip()
        if first.isdecimal() and int(first) > 0:
            return min(int(first), processors)
    return processors


def openblas_setters() -> Generator[Callable[[int], object]]:
    """The functions that set the number of threads, of each OpenBLAS in this process."""
    lines = Path("/proc/self/maps").read_text(errors="replace").splitlines()
    paths = {parts[5] for line in lines if len(parts := line.split(maxsplit=5)) == 6}
    for path in sorted(it for it in paths if "openblas" in Path(it).name):
        with suppress(OSError):
            library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
            names = (
                f"{prefix}openblas_set_num_threads{suffix}"
                for prefix in ("", "scipy_")
                for suffix in ("", "64_", "_64", "64")
            )
            if name := next((it for it in names if hasattr(library, it)), None):
                yield getattr(library, name)


def other_threads() -> list[str]:
    """The names of this process's threads except the main one, if Python knows them."""
    known = {it.native_id: it.name for it in threading.enumerate()}
    others = [int(it.name) for it in TASKS.iterdir() if int(it.name) != os.getpid()]
    return [known.get(it) or name_of_task(it) for it in others]


def lasting_threads() -> list[str]:
    """The names of the threads that do not end by themselves now that the import is done."""
    end = time.monotonic() + ENDING
    while (names := other_threads()) and time.monotonic() < end:
        time.sleep(0.005)
    return sorted(set(names))


def name_of_task(task: int) -> str:
    try:
        return (TASKS / str(task) / "comm").read_text().strip()
    except OSError:
        return "one that has ended"


class ThreadWatch:
    """Finds out which import starts a thread, by looking before and after each import statement."""

    def __init__(self) -> None:
        self._count = count_threads()
        self._culprit: str | None = None
        self._import: Any = None

    def __enter__(self) -> Self:
        self._import = builtins.__import__
        builtins.__import__ = self._watch
        return self

    def __exit__(self, *_: object) -> None:
        builtins.__import__ = self._import

    def take(self, module: str) -> str | None:
        """The package that has started threads since the last call, or `None`."""
        self._look(module)
        culprit, self._culprit = self._culprit, None
        return culprit

    def _watch(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - as `__import__` calls them
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level == 0 and name in sys.modules:  # most of them; a look costs 8 µs
            return self._import(name, globals, locals, fromlist, level)
        around: Mapping[str, Any] = globals or {}
        self._look(around.get("__name__"))
        try:
            return self._import(name, globals, locals, fromlist, level)
        finally:
            self._look(around.get("__package__") if level else name)

    def _look(self, module: str | None) -> None:
        """Looks for new threads, which `module` must have started."""
        count = count_threads()
        if count > self._count and self._culprit is None:
            self._culprit = (module or "?").partition(".")[0]
        self._count = count


def count_threads() -> int:
    """The number of this process's threads."""
    return len(os.listdir(TASKS))  # noqa: PTH208 - half the time
