"""Defines `ProcessPool`, and describes pools of worker processes to the native side."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any, Literal

from .. import _swapping
from .._commands.parameters import ParameterKind, ParametersType
from .._observe.logs import levels
from . import surroundings
from .addresses import address_of, check_main
from .keyword_only import keyword_only
from .pool_checks import check
from .surroundings import is_whole, pack, packed_main, position, split

BOOT = Path(__file__).parent.parent / "_worker" / "boot.py"
MARK = "TRANSOM_WORKER"
GATEWAY = "gateway"
"""The argument of `BOOT` for a process that gives calls to Ray."""

THREADS_OF_LIBRARIES = (
    "OMP_NUM_THREADS",  # OpenMP: scikit-learn, PyTorch; Arrow
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",  # joblib: what `n_jobs=-1` means
    "SLURM_CPUS_ON_NODE",  # DuckDB, which has no variable of its own
)
"""The variables that tell computing libraries how many threads or processes to start."""

DEFAULTS = {"MPLBACKEND": "agg"}
"""Further variables of a worker, if the host's environment does not set them. A worker has no
windows: Matplotlib would look for a GUI toolkit, in a process that never runs its loop.
"""

SHARE_FROM = 32 << 20
"""Bodies of at least this many bytes go to and from a worker in shared memory, on systems that have
it. `benches/bodies.py` measures what they cost either way.
"""


@keyword_only("workers")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPool:
    """Worker processes. Each runs one call at a time, or several of `shared=True` commands.

    Nothing is started before the first call. A worker imports the module of its command, so an
    app's start belongs under `if __name__ == "__main__":`.

    Args:
        workers: How many of them work at once. Default: the number of processors.
        max_memory: Bytes of private memory that a worker and its children may hold; one with more
            is killed, and its call ends with `worker-lost`. Mapped files and shared memory do not
            count. Looked at ten times a second, on Linux.
        recycle_after: A worker is replaced after so many calls.
        env: Environment variables of the workers, added to the host's.
        nice: How much lower the workers' priority is, 0 to 19.
        grace: Seconds from `Cancelled` in a command to the kill of its process.
        after_cancel: What becomes of a worker whose plain command a cancel has stopped: it goes on
            with other calls (`"keep"`), or another takes its place (`"replace"`). Default: where
            workers are forked (Linux) and have no `initializer`, one that was stopped in the code
            of a library is replaced; else it is kept.
        warm: Workers beyond those in use that stand ready.
        initializer: A function of a module, called in each worker before its first call: what it
            puts into the module's globals, commands find there. An `async def` runs on the event
            loop of the `async def` commands.
        max_restarts: `(n, seconds)`: a pool whose workers die more than `n` times within
            `seconds` before they have finished a call is `unavailable` for 30 s. `None`: never.
        quarantine: `(n, seconds)`: a command during whose calls `n` workers die within `seconds`
            is `quarantined` for 30 s. `None`: never.
        start_timeout: Seconds that a worker may take to import its modules and initialise. Half of
            it is for `preload`.
        backend: The event loop of `async def` commands.
        python: The Python to run. Default: the one that runs the app.
        preload: Names of modules that are imported once, in the process that forks the workers,
            and not in each. One that starts threads nevertheless, or fails, is left out, and the
            log says why. On systems other than Linux nothing is preloaded.
    """

    workers: int | None = None
    max_memory: int | None = None
    recycle_after: int | None = None
    env: Mapping[str, str] | None = None
    nice: int | None = None
    grace: float = 3.0
    after_cancel: Literal["keep", "replace"] | None = None
    warm: int = 1
    initializer: Callable[[], object] | None = None
    max_restarts: tuple[int, float] | None = (5, 30.0)
    quarantine: tuple[int, float] | None = (3, 60.0)
    start_timeout: float = 30.0
    backend: Literal["asyncio", "trio"] = "asyncio"
    python: str | os.PathLike[str] | None = None
    preload: Sequence[str] = ()

    def __post_init__(self) -> None:
        check(self)
        if self.initializer is not None:
            address_of(self.initializer, "the initializer")

    @property
    def size(self) -> int:
        """How many workers work at once."""
        return self.workers or processors()

    def plan(self, *, embedded: bool, gateway: Mapping[str, Any] | None = None) -> str:
        """The description of the pool for the native side. `gateway`: what its process is told
        that gives calls to Ray instead of running them.
        """
        spec = {
            "workers": self.size,
            "warm": self.warm,
            "grace": _ms(self.grace),
            "start_timeout": _ms(self.start_timeout),
            "max_restarts": _limit(self.max_restarts),
            "quarantine": _limit(self.quarantine),
            "recycle_after": self.recycle_after,
        }
        is_gateway = gateway is not None
        environment, later = split(self._environment(gateway=is_gateway))
        arguments = [GATEWAY] if is_gateway else []
        launch = {
            "command": [shown(it) for it in self._command()] + arguments,
            "env": environment,
            "setup": {**self._setup(), "env": later, "ray": gateway},
            "max_memory": self.max_memory,
            "share_from": share_from(),
            "zygote": None if is_gateway else self._zygote(),
        }
        return dumps({"spec": spec, "launch": launch, "refusal": self._refusal(embedded)})

    def _command(self) -> list[str]:
        python = os.fspath(self.python or sys.executable or "")
        # What decides how modules are found and warnings are treated, as `multiprocessing` does.
        flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        return [python, *flags, str(BOOT)]

    def _environment(self, *, gateway: bool) -> dict[str, str]:
        share = str(max(1, processors() // self.size))
        # Ray gives its processes their share.
        threads = dict.fromkeys(() if gateway else THREADS_OF_LIBRARIES, share)
        defaults = threads | DEFAULTS
        missing = {name: it for name, it in defaults.items() if name not in os.environ}
        swaps = _swapping.swaps
        if swaps is not None and self.preload and not gateway:
            missing[_swapping.PLACE] = swaps.place()
        return missing | dict(self.env or {}) | {MARK: "1"}

    def _zygote(self) -> dict[str, Any] | None:
        if sys.platform != "linux":
            return None
        return {**position(), "preload": list(self.preload)}

    def _setup(self) -> dict[str, Any]:
        initializer = self.initializer and address_of(self.initializer, "the initializer")
        if initializer is not None:
            check_main(f"the initializer `{initializer[1]}`", initializer[0])
        return {
            **position(),
            "main": packed_main(),
            "initializer": initializer,
            "nice": self.nice,
            "backend": self.backend,
            "share_from": share_from(),
            "log_levels": {pack(name): level for name, level in levels().items()},
            "after_cancel": self.after_cancel or self._after_cancel(),
            "debugger": surroundings.debugger,
        }

    def _after_cancel(self) -> str:
        """The default of `after_cancel`: replaces a worker if that is cheap and needed."""
        cheap = sys.platform == "linux" and self.initializer is None
        return "judge" if cheap else "keep"

    def _refusal(self, embedded: bool) -> str | None:
        """Why no worker can be started. A wrong program would start the app again and again."""
        if sys.platform == "win32":
            return "worker processes are not there on Windows yet"
        if MARK in os.environ:
            return "this process was started by a pool of worker processes: it can have none itself"
        if not all(map(is_whole, command := self._command())):
            return (
                f"a worker process cannot be started by `{shown(' '.join(command))}`, which is "
                "not in UTF-8: use a Python, and a copy of this package, in other folders"
            )
        no_python = (
            embedded or getattr(sys, "frozen", False) or not Path(sys.executable or "").is_file()
        )
        if self.python is None and no_python:
            return (
                "this app's program is no Python that could run a worker process: name one with "
                "`ProcessPool(python=…)`"
            )
        return None


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_from() -> int | None:
    """The value of `SHARE_FROM`. `None`: this system has no shared memory that can be sealed."""
    return SHARE_FROM if hasattr(os, "memfd_create") else None


def shown(text: str) -> str:
    """The text with what is no UTF-8 escaped."""
    return text.encode(errors="backslashreplace").decode()


def _ms(seconds: float) -> int:
    return round(min(seconds, 10**9) * 1000)


def _limit(limit: tuple[int, float] | None) -> tuple[int, int] | None:
    return None if limit is None else (limit[0], _ms(limit[1]))


def check_parameters(name: str, parameters: ParametersType) -> None:
    """Raises `ValueError` for parameters that cannot be sent to a worker."""
    kinds = {ParameterKind.APP_HANDLE, ParameterKind.WEBVIEW_WINDOW, ParameterKind.STATE}
    for parameter, asked in parameters.items():
        if asked.kind in kinds:
            raise ValueError(
                f"`{name}` runs in a worker process, where `{parameter}` cannot be had: windows, "
                "the app and its states live in the host. Ask for `ctx: CallContext` for the "
                "window's label and progress, and make state with `ProcessPool(initializer=…)`."
            )
