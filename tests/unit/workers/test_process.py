"""Tests pools as the host describes them: what is refused, and what a worker is told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Annotated, Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from transom import AppHandle, CallContext, Commands, ProcessPool, State, ThreadExecutor
from transom._app.plots import draw_without_windows
from transom._executors import process
from transom._executors.process import MARK


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"workers": 0}, "`ProcessPool.workers` must be a whole number, at least 1, got 0"),
        ({"workers": 1.5}, "`ProcessPool.workers` must be a whole number"),
        ({"workers": True}, "`ProcessPool.workers` must be a whole number"),
        ({"max_memory": "1G"}, "`ProcessPool.max_memory` must be a whole number, at least 1"),
        ({"recycle_after": 0}, "`ProcessPool.recycle_after` must be a whole number, at least 1"),
        ({"warm": None}, "`ProcessPool.warm` must be a whole number, 0 or more"),
        ({"grace": -1}, "`ProcessPool.grace` must be a number of seconds, 0 or more"),
        ({"grace": float("nan")}, "`ProcessPool.grace` must be a number"),
        ({"nice": 20}, "`ProcessPool.nice` must be a whole number, 0 to 19"),
        ({"max_restarts": (1, 0)}, r"`ProcessPool.max_restarts` must be \(how often, within"),
        ({"max_restarts": 5}, "`ProcessPool.max_restarts` must be"),
        ({"quarantine": (0, 1.0)}, "`ProcessPool.quarantine` must be"),
        ({"start_timeout": 0}, "`ProcessPool.start_timeout` must be a number of seconds, above 0"),
        ({"env": {"A": 1}}, "`ProcessPool.env` must be a mapping of names to texts"),
        ({"env": {"A=B": "c"}}, "`ProcessPool.env` must be"),
        ({"env": ["A"]}, "`ProcessPool.env` must be"),
        ({"preload": "numpy"}, "`ProcessPool.preload` must be a list of modules' names"),
        ({"preload": [1]}, "`ProcessPool.preload` must be"),
        ({"backend": "twisted"}, '`ProcessPool.backend` must be "asyncio" or "trio"'),
        ({"python": 3}, "`ProcessPool.python` must be the path of a program"),
        ({"initializer": "load"}, "`ProcessPool.initializer` must be a function"),
        ({"initializer": lambda: None}, "the initializer must be a function at the top of a mod"),
    ],
)
def test_a_pool_that_cannot_be_meant_is_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ProcessPool(**given)


def top(body: int) -> int:
    return body


async def async_top(body: int) -> int:
    return body


def with_handle(app_handle: AppHandle) -> None: ...


def with_state(state: Annotated[int, State()]) -> None: ...


def with_context(body: int, ctx: CallContext) -> None: ...


def test_plain_and_async_functions_may_run_in_a_process() -> None:
    commands = Commands()
    for func in (top, async_top, with_context):
        commands.command(executor="process")(func)
    assert {commands.options(name).executor for name in commands} == {"process"}


def test_a_function_that_a_worker_cannot_find_is_refused() -> None:
    def local() -> None: ...

    register = Commands().command("x", executor="process")
    for func in (local, lambda: None):
        with pytest.raises(ValueError, match="must be a function at the top of a module"):
            register(func)


@pytest.mark.parametrize(
    ("func", "parameter"), [(with_handle, "app_handle"), (with_state, "state")]
)
def test_what_cannot_cross_is_refused(func: Any, parameter: str) -> None:
    with pytest.raises(ValueError, match=f"worker process, where `{parameter}` cannot be had"):
        Commands().command(executor="process")(func)


def test_named_executors_are_checked_when_they_are_known(portal: BlockingPortal) -> None:
    commands = Commands()
    commands.command(executor="gpu")(with_handle)
    with pytest.raises(ValueError, match="`app_handle` cannot be had"):
        commands.generate_handler(portal, executors={"gpu": ProcessPool()})
    commands = Commands()
    commands.command(executor="io")(async_top)
    with pytest.raises(ValueError, match="is an `async def`"):
        commands.generate_handler(portal, executors={"io": ThreadExecutor(workers=1)})


def test_an_executor_that_is_not_there_is_refused(portal: BlockingPortal) -> None:
    commands = Commands()
    commands.command(executor="gpu")(top)
    with pytest.raises(ValueError, match=r"asks for the executor 'gpu', which is not there: give"):
        commands.generate_handler(portal)


def test_what_has_no_name_is_refused() -> None:
    register = Commands().command("x", executor="process")
    with pytest.raises(ValueError, match="must be a function at the top of a module"):
        register(partial(top, 1))


def test_a_name_that_leads_elsewhere_is_refused(portal: BlockingPortal) -> None:
    commands = Commands()

    def shadow() -> None: ...

    shadow.__qualname__ = "top"
    commands.command("x", executor="process")(shadow)
    with pytest.raises(ValueError, match="would not find this function there"):
        commands.generate_handler(portal)


def plan(pool: ProcessPool, *, embedded: bool = False) -> Any:
    return json.loads(pool.plan(embedded=embedded))


def test_a_worker_is_this_python_with_these_paths() -> None:
    told = plan(ProcessPool(workers=2, env={"A": "b"}, grace=0.5, max_restarts=(1, 2.5)))
    launch = told["launch"]
    assert (launch["command"][0], launch["env"]["A"]) == (sys.executable, "b")
    assert launch["command"][-1].endswith("boot.py")
    assert launch["setup"]["cwd"]
    assert (told["spec"]["grace"], told["spec"]["max_restarts"]) == (500, [1, 2500])
    assert plan(ProcessPool(quarantine=None))["spec"]["quarantine"] is None
    assert told["refusal"] is None


@pytest.mark.parametrize("name", process.THREADS_OF_LIBRARIES)
def test_libraries_that_compute_get_their_share_of_processors(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(process, "processors", lambda: 8)
    shares = [plan(ProcessPool(workers=n))["launch"]["env"][name] for n in (1, 2, 3, 8, 100)]
    assert shares == ["8", "4", "2", "1", "1"]
    assert plan(ProcessPool())["launch"]["env"][name] == "1"
    assert plan(ProcessPool(env={name: "7"}))["launch"]["env"][name] == "7"
    monkeypatch.setenv(name, "3")
    assert name not in plan(ProcessPool())["launch"]["env"]


def test_a_worker_draws_without_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)
    assert plan(ProcessPool())["launch"]["env"]["MPLBACKEND"] == "agg"
    assert plan(ProcessPool(env={"MPLBACKEND": "svg"}))["launch"]["env"]["MPLBACKEND"] == "svg"
    monkeypatch.setenv("MPLBACKEND", "cairo")
    assert "MPLBACKEND" not in plan(ProcessPool())["launch"]["env"]


@pytest.mark.parametrize("chosen", [None, "TkAgg"])
def test_the_app_draws_without_windows_unless_somebody_has_chosen(
    chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided = object()
    matplotlib: Any = ModuleType("matplotlib")
    matplotlib.rcParams = {"backend": chosen or undecided}
    matplotlib.rcsetup = SimpleNamespace(_auto_backend_sentinel=undecided)
    matplotlib.use = lambda name: matplotlib.rcParams.update(backend=name)
    monkeypatch.setitem(sys.modules, "matplotlib", matplotlib)
    monkeypatch.setenv("MPLBACKEND", "")
    monkeypatch.delenv("MPLBACKEND")
    draw_without_windows()
    assert os.environ["MPLBACKEND"] == "agg"
    assert matplotlib.rcParams["backend"] == (chosen or "agg")


def test_a_program_that_is_no_python_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ProcessPool(python=" in plan(ProcessPool(), embedded=True)["refusal"]
    assert plan(ProcessPool(python="python3"), embedded=True)["refusal"] is None
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "is no Python" in plan(ProcessPool())["refusal"]


def test_a_process_of_a_pool_has_no_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, "1")
    assert "started by a pool" in plan(ProcessPool())["refusal"]
