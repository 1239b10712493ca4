"""Tests that the code of an app is replaced while it runs: all of what has changed, or nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from transom import Commands, ProcessPool, _swapping
from transom._dev.agent.callbacks import Callbacks
from transom._dev.agent.graph import RestartError
from transom._dev.agent.states import Kept
from transom._dev.agent.swap import NewCodeError, Swapper
from transom.testing import InvokeError, TestApp

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio"])]
numbers = count()

REGISTRY = "from transom import Commands\ncommands = Commands()\n"
MODELS = "from pydantic import BaseModel\nclass Answer(BaseModel):\n    text: str\n"
GREET = """\
from .models import Answer
from .registry import commands


@commands.command()
async def greet() -> Answer:
    return Answer(text="one")
"""


class Project:
    """A package on disk, that is imported."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.name = f"swapped_{next(numbers)}"
        self.root = folder
        self.folder = folder / self.name
        self.folder.mkdir()
        self.write(**{"__init__": "", **files})
        sys.path.insert(0, str(folder))
        for name in files:
            self.module(name)

    def write(self, **files: str) -> list[Path]:
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text)
        return [self.folder / f"{name}.py" for name in files]

    def module(self, name: str) -> Any:
        full = self.name if name == "__init__" else f"{self.name}.{name}"
        return importlib.import_module(full)

    def forget(self) -> None:
        sys.path.remove(str(self.root))
        for name in [it for it in sys.modules if it.partition(".")[0] == self.name]:
            del sys.modules[name]


class Swapping:
    """An app of a project that runs, and what swaps its code."""

    def __init__(self, app: TestApp, swapper: Swapper, project: Project) -> None:
        self.app = app
        self.page = app.window("main")
        self._swapper = swapper
        self._project = project

    async def swap(self, **files: str) -> list[str]:
        written = self._project.write(**files)
        names = await anyio.to_thread.run_sync(self._swapper.swap, written)
        return [it.removeprefix(f"{self._project.name}.") for it in names]

    async def call(self, name: str, *body: Any) -> Any:
        return await self.page.invoke(name, *body)


Make = Callable[..., Project]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a project of some modules."""
    monkeypatch.setattr(_swapping, "active", True)
    made: list[Project] = []

    def make(**files: str) -> Project:
        made.append(Project(tmp_path, files))
        return made[-1]

    yield make
    for it in made:
        it.forget()


@asynccontextmanager
async def running(
    project: Project, commands: Commands, kept: Kept | None = None, **args: Any
) -> AsyncIterator[Swapping]:
    async with TestApp(commands, **args) as app:
        ((handler, runtime),) = _swapping.attached
        callbacks = Callbacks()
        swapper = Swapper(project.root, handler, runtime, callbacks, lambda: kept or [])
        yield Swapping(app, swapper, project)


async def test_a_changed_module_and_its_importers_are_new(project: Make) -> None:
    it = project(registry=REGISTRY, models=MODELS, greet=GREET)
    async with running(it, it.module("registry").commands) as app:
        assert await app.call("greet") == {"text": "one"}
        assert await app.swap(models=MODELS + "    more: int = 2\n") == ["models", "greet"]
        assert await app.call("greet") == {"text": "one", "more": 2}
        assert await app.swap(greet=GREET.replace("one", "two")) == ["greet"]
        assert await app.call("greet") == {"text": "two", "more": 2}


async def test_running_calls_end_on_the_old_code(project: Make) -> None:
    greet = GREET.replace("    return", "    await gate.wait()\n    return")
    slow = f"from .gates import gate\n{greet}"
    gates = "import anyio\ngate = anyio.Event()\n"
    it = project(registry=REGISTRY, models=MODELS, gates=gates, greet=slow)
    commands = it.module("registry").commands
    answers: list[Any] = []
    async with running(it, commands) as app, anyio.create_task_group() as tasks:

        async def call() -> None:
            answers.append(await app.call("greet"))

        tasks.start_soon(call)
        while not any(it.state == "running" for it in app.app.calls()):  # noqa: ASYNC110
            await anyio.sleep(0.005)
        await app.swap(greet=GREET.replace("one", "two"))
        assert await app.call("greet") == {"text": "two"}
        assert answers == []
        _swapping.attached[0][0].portal.start_task_soon(_open, it.module("gates").gate)
    assert answers == [{"text": "one"}]


async def _open(gate: anyio.Event) -> None:
    gate.set()


WRONG = [
    ("def (:\n", "SyntaxError", 1),
    (GREET + "import no_such_module\n", "No module named 'no_such_module'", 8),
    (GREET + "1 / 0\n", "ZeroDivisionError", 8),
    (GREET.replace("async def greet()", "async def greet(x: int)"), "Unexpected", 5),
    (GREET + "@commands.command()\nasync def greet() -> str: ...\n", "already exists", 8),
    (GREET.replace("command()", 'command(executor="nope")'), "'nope', which is not", None),
    (GREET.replace("command()", 'command("other")'), "already exists", 5),
]


async def test_an_error_keeps_the_old_code(project: Make) -> None:
    other = (
        "from .registry import commands\n@commands.command()\n"
        "async def other() -> str:\n    return 'o'\n"
    )
    it = project(registry=REGISTRY, models=MODELS, greet=GREET, other=other)
    before = it.module("greet")
    async with running(it, it.module("registry").commands) as app:
        for wrong, error, line in WRONG:
            with pytest.raises(NewCodeError) as caught:
                await app.swap(greet=wrong, models=MODELS + "    more: int = 2\n")
            problem = caught.value.problem
            assert error in problem.title
            if line is not None:
                assert (problem.file, problem.line) == (str(it.folder / "greet.py"), line)
            assert it.module("greet") is before
            assert it.module("__init__").greet is before
            assert await app.call("greet") == {"text": "one"}
            assert await app.call("other") == "o"
        await app.swap(greet=GREET.replace("one", "two"), models=MODELS)
        assert await app.call("greet") == {"text": "two"}


async def test_commands_come_and_go(project: Make) -> None:
    it = project(registry=REGISTRY, models=MODELS, greet=GREET)
    async with running(it, it.module("registry").commands) as app:
        await app.swap(greet=GREET.replace("def greet", "def hello"))
        assert await app.call("hello") == {"text": "one"}
        with pytest.raises(InvokeError, match="unknown-command"):
            await app.call("greet")
        await app.swap(greet=GREET.replace("command()", "command(concurrency=1, timeout=5)"))
        assert await app.call("greet") == {"text": "one"}


async def test_the_module_of_the_commands_can_change_itself(project: Make) -> None:
    """Then what registers on them is imported anew, and the commands stay the same object."""
    it = project(registry=REGISTRY, models=MODELS, greet=GREET)
    commands = it.module("registry").commands
    async with running(it, commands) as app:
        own = "@commands.command()\nasync def own() -> int:\n    return {}\n"
        assert "registry" in await app.swap(registry=REGISTRY + own.format(1))
        assert it.module("registry").commands is commands
        assert it.module("greet").commands is commands
        assert await app.call("own") == 1
        assert await app.call("greet") == {"text": "one"}
        await app.swap(registry=REGISTRY + own.format(2))
        assert await app.call("own") == 2
        with pytest.raises(RestartError, match="any more"):
            await app.swap(registry="commands = None\n", greet="")
        assert await app.call("own") == 2


async def test_states_follow_their_class(project: Make) -> None:
    state = "class Counter:\n    def step(self) -> str:\n        return 'one'\n"
    it = project(registry=REGISTRY, state=state)
    counter = it.module("state").Counter()
    kept: Kept = [{type(counter): [counter]}]
    async with running(it, it.module("registry").commands, kept) as app:
        await app.swap(state=state.replace("one", "two"))
        new = it.module("state").Counter
        assert kept[0][new][0] is counter
        assert counter.step() == "two"
        for n in range(3):
            await app.swap(state=state.replace("one", str(n)))
        assert len(kept[0]) == 2, "older classes are kept"
        with pytest.raises(RestartError, match="cannot take its new class"):
            await app.swap(state=state + "    __slots__ = ('n',)\n")
        with pytest.raises(RestartError, match="is not in the new"):
            await app.swap(state="")
        assert counter.step() == "2"


async def test_a_module_can_keep_what_it_has_made(project: Make) -> None:
    text = (
        "from transom import on_swap\ncache = {}\n@on_swap\ndef keep(old):\n"
        "    cache.update(old['cache'])\n"
    )
    it = project(registry=REGISTRY, things=text)
    it.module("things").cache["a"] = 1
    async with running(it, it.module("registry").commands) as app:
        await app.swap(things=text + "x = 1\n")
        assert (it.module("things").cache, it.module("things").x) == ({"a": 1}, 1)
        with pytest.raises(NewCodeError, match="KeyError"):
            await app.swap(things=text.replace("old['cache']", "old['nothing']"))
        assert it.module("things").cache == {"a": 1}


async def test_workers_and_what_forks_them_are_replaced(project: Make) -> None:
    heavy = (
        "from . import kernel\nfrom .registry import commands\n"
        '@commands.command(executor="process")\ndef work() -> str:\n    return kernel.name()\n'
    )
    kernel = "def name() -> str:\n    return 'one'\n"
    it = project(registry=REGISTRY, kernel=kernel, heavy=heavy)
    pool = ProcessPool(workers=1, preload=[f"{it.name}.kernel"])
    commands = it.module("registry").commands
    async with running(it, commands, executors={"process": pool}) as app:
        assert await app.call("work") == "one"
        for n in range(4):
            await app.swap(kernel=kernel.replace("one", f"{n}"))
            assert await app.call("work") == f"{n}"
        await app.swap(heavy=heavy.replace("kernel.name()", "'heavy'"))
        assert await app.call("work") == "heavy"


async def test_tasks_of_the_old_code_are_stopped(project: Make) -> None:
    text = (
        "import asyncio\nended = []\nasync def poll():\n    try:\n"
        "        await asyncio.sleep(1000)\n"
        "    finally:\n        ended.append(1)\n"
    )
    it = project(registry=REGISTRY, poller=text)
    commands = it.module("registry").commands
    ended = it.module("poller").ended
    async with running(it, commands, backend="asyncio") as app:
        portal = _swapping.attached[0][0].portal
        portal.start_task_soon(it.module("poller").poll)
        await app.swap(poller=text + "x = 1\n")
        with anyio.fail_after(60):
            while not ended:  # noqa: ASYNC110 - nothing announces it
                await anyio.sleep(0.005)


async def test_files_that_are_not_imported_change_nothing(project: Make) -> None:
    it = project(registry=REGISTRY, models=MODELS, greet=GREET)
    async with running(it, it.module("registry").commands) as app:
        assert await app.swap(unknown="1 / 0\n") == []
        (it.folder / "models.py").unlink()
        with pytest.raises(NewCodeError, match="models"):
            await anyio.to_thread.run_sync(app._swapper.swap, [it.folder / "models.py"])
        assert await app.call("greet") == {"text": "one"}
