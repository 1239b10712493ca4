"""Tests what a pool imports once for all its workers: threads, random numbers, failures."""

from __future__ import annotations

import importlib
import logging
import os
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from transom import Commands, ProcessPool
from transom.testing import TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="nothing is preloaded"),
]

DICE = """
import random
import numpy as np

plain, fixed = random.Random(), random.Random(7)
copied = random.Random(7)
copied.setstate(fixed.getstate())
fresh, given = np.random.default_rng(), np.random.default_rng(7)
philox = np.random.Generator(np.random.Philox())
old = np.random.RandomState()
random.seed(7)
np.random.seed(7)
"""
THREADED = """
import threading
threading.Thread(target=threading.Event().wait, name="counter", daemon=True).start()
"""


def roll() -> dict[str, list[float]]:
    dice: Any = importlib.import_module("dice")
    return {
        "random": [random.random() for _ in range(3)],
        "numpy": np.random.rand(3).tolist(),
        "plain": [dice.plain.random() for _ in range(3)],
        "fresh": dice.fresh.random(3).tolist(),
        "spawned": dice.fresh.spawn(1)[0].random(3).tolist(),
        "philox": dice.philox.random(3).tolist(),
        "old": dice.old.rand(3).tolist(),
        "fixed": [dice.fixed.random(), dice.copied.random(), *dice.given.random(3).tolist()],
    }


def threads() -> int:
    """Of this process, once BLAS has had something to do."""
    assert (np.ones((600, 600)) @ np.ones((600, 600)))[0, 0] == 600
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def who(body: list[str]) -> list[int | None]:
    """This worker's parent, and the process that has imported each of the modules."""
    return [os.getppid(), *(getattr(sys.modules.get(name), "BY", None) for name in body)]


@pytest.fixture
def anyio_backend() -> str:
    """The app's own loop has no part in this."""
    return "asyncio"


def app_of(commands: Commands, **pool: Any) -> TestApp:
    for func in (roll, threads, who):
        commands.command(executor="process")(func)
    options: dict[str, Any] = {"workers": 1, "warm": 0} | pool
    return TestApp(commands, executors={"process": ProcessPool(**options)})


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for modules, from which the workers import."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


async def test_random_numbers_of_workers_differ_and_those_of_a_given_seed_do_not(
    commands: Commands, modules: Path
) -> None:
    (modules / "dice.py").write_text(DICE)
    async with app_of(commands, preload=["dice"], recycle_after=1) as app:
        main = app.window()
        first, second = [await main.invoke("roll") for _ in range(2)]
    assert {name for name in first if first[name] == second[name]} == {"fixed"}


@pytest.mark.parametrize("env", [None, {"OPENBLAS_NUM_THREADS": "3"}])
async def test_numpy_is_preloaded_without_threads_and_has_its_share_in_a_worker(
    commands: Commands, modules: Path, env: dict[str, str] | None
) -> None:
    (modules / "tables.py").write_text("import os, numpy\nBY = os.getpid()\n")
    async with app_of(commands, env=env) as app:
        alone = await app.window().invoke("threads")
    async with app_of(Commands(), preload=["tables"], env=env) as app:
        main = app.window()
        parent, by = await main.invoke("who", ["tables"])
        assert by == parent != os.getpid()
        assert await main.invoke("threads") == alone


@pytest.mark.parametrize("name", ["pandas", "polars"])
async def test_a_large_library_is_preloaded_or_named_and_works_in_a_worker(
    commands: Commands, modules: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (modules / "wanted.py").write_text(f"import os, {name}\nBY = os.getpid()\n")
    (modules / "other.py").write_text("import os\nBY = os.getpid()\n")
    with caplog.at_level(logging.WARNING, "transom"):
        async with app_of(commands, preload=["wanted", "other"], start_timeout=60.0) as app:
            parent, wanted, other = await app.window().invoke("who", ["wanted", "other"])
    assert other == parent != os.getpid()
    # Newer versions of polars start a thread when they are imported, whatever they are told.
    assert wanted == parent or f"it imports `{name}`, which starts threads" in caplog.text


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (THREADED, "`bad`: it starts threads when it is imported (counter)"),
        ("import threaded", "`bad`: it imports `threaded`, which starts threads"),
        ("from threaded import threading", "`bad`: it imports `threaded`, which starts threads"),
        ("raise ImportError('no licence')", "ImportError: no licence"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os; os._exit(3)", "does not preload good, bad"),
    ],
)
async def test_what_cannot_be_preloaded_is_named_and_the_rest_is(
    commands: Commands, modules: Path, bad: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    (modules / "good.py").write_text("import os\nBY = os.getpid()\n")
    (modules / "threaded.py").write_text(THREADED)
    (modules / "bad.py").write_text(bad)
    with caplog.at_level(logging.WARNING, "transom"):
        async with app_of(commands, preload=["good", "bad"]) as app:
            parent, good, without = await app.window().invoke("who", ["good", "bad"])
    assert parent != os.getpid(), "it is forked all the same"
    assert (good, without) == (parent if "good, bad" not in told else None, None)
    assert told in caplog.text
    assert caplog.text.count("does not preload") == 1


async def test_a_thread_that_ends_with_the_import_does_no_harm(
    commands: Commands, modules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (modules / "brief.py").write_text(
        "import os, threading\nthreading.Timer(0.02, int).start()\nBY = os.getpid()\n"
    )
    async with app_of(commands, preload=["brief"]) as app:
        parent, by = await app.window().invoke("who", ["brief"])
    assert by == parent != os.getpid()
    assert "does not preload" not in caplog.text


async def test_everything_that_cannot_be_preloaded_is_named_by_each_pool(
    commands: Commands, modules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bad", "worse"):
        (modules / f"{name}.py").write_text(THREADED)
    pools = {
        name: ProcessPool(workers=1, warm=0, preload=["bad", "worse"])
        for name in ("process", "other")
    }
    commands.command("here", executor="process")(who)
    commands.command("there", executor="other")(who)
    async with TestApp(commands, executors=pools) as app:
        # At once: of one kind of warning the log has one a second.
        calls = [app.window(command).start(command, []) for command in ("here", "there")]
        for call in calls:
            await call
    for pool in pools:
        assert f"the zygote of the pool `{pool}` does not preload bad, worse," in caplog.text
