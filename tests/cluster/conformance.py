"""What a command may rely on, whichever executor it runs on. Each check is a promise.

An executor takes plain functions, coroutine functions or both: each command is there in both forms.
Where executors differ otherwise, the table in docs/guide/cluster.md says how.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import jobs
import pytest
from jobs import Person, Trail, note, until
from pydantic import BaseModel

from transom import CallContext, Commands
from transom.testing import InvokeError, TestWindow

CREDIT = 4

FORMS = {
    "async": ("soon",),
    "thread": ("plain",),
    "process": ("plain", "soon"),
    "shared": ("soon",),
    "cluster": ("plain", "soon"),
}
"""The forms of commands that each executor takes. "shared": `shared=True` in a `ProcessPool`."""

AFFINE = ("process", "shared", "cluster")
"""The executors that know `affinity`."""


# Plain.


def echo(body: Person) -> str:
    return body.name


def hold(body: Trail, ctx: CallContext) -> None:
    note(body, "began")
    try:
        while True:
            ctx.check()
            time.sleep(0.01)
    finally:
        note(body, "over")


def count_up(body: Trail) -> Iterator[int]:
    for number in range(10_000):
        note(body, f"{number + 1}")
        yield number


class Keyed(BaseModel):
    key: str


seen = Counter[str]()


def keyed(body: Keyed) -> tuple[int, int]:
    """This process, and how many calls of the key it has run."""
    seen[body.key] += 1
    return os.getpid(), seen[body.key]


PLAIN = (echo, jobs.double, jobs.count, jobs.deadline, jobs.fail, jobs.wrong, hold, count_up)


# With `async def`.


async def echo_soon(body: Person) -> str:
    return echo(body)


async def double_soon(body: memoryview) -> bytes:
    return jobs.double(body)


async def count_soon(body: int, ctx: CallContext) -> int:
    return jobs.count(body, ctx)


async def deadline_soon(ctx: CallContext) -> float | None:
    return jobs.deadline(ctx)


async def fail_soon(body: str) -> None:
    jobs.fail(body)


async def wrong_soon() -> int:
    return jobs.wrong()


async def hold_soon(body: Trail) -> None:
    note(body, "began")
    try:
        await anyio.sleep(600)
    finally:
        note(body, "over")


async def keyed_soon(body: Keyed) -> tuple[int, int]:
    return keyed(body)


async def count_up_soon(body: Trail) -> AsyncIterator[int]:
    for number in count_up(body):
        yield number


SOON = (
    echo_soon,
    double_soon,
    count_soon,
    deadline_soon,
    fail_soon,
    wrong_soon,
    hold_soon,
    count_up_soon,
)
"""In the order of `PLAIN`."""


def commands_for(commands: Commands, executor: str, kind: str) -> Sequence[str]:
    """Adds the commands of each form that executors of that kind take. Returns the forms."""
    options: dict[str, Any] = {"shared": True} if kind == "shared" else {}
    for form in FORMS[kind]:
        for name, func in zip(PLAIN, PLAIN if form == "plain" else SOON, strict=True):
            commands.command(f"{name.__name__}_{executor}_{form}", executor=executor, **options)(
                func
            )
        if kind in AFFINE:
            func = keyed if form == "plain" else keyed_soon
            options["affinity"] = "/key"
            commands.command(f"keyed_{executor}_{form}", executor=executor, **options)(func)
            del options["affinity"]
    return FORMS[kind]


class Subject:
    """The commands of one form on one executor."""

    def __init__(self, main: TestWindow, kind: str, suffix: str, folder: Path) -> None:
        self.main = main
        self.kind = kind
        self.folder = folder
        self._suffix = suffix

    def name(self, command: str) -> str:
        return f"{command}_{self._suffix}"

    async def call(self, command: str, *body: Any, **options: Any) -> Any:
        return await self.main.invoke(self.name(command), *body, **options)

    async def failure(self, command: str, *body: Any, **options: Any) -> InvokeError:
        with pytest.raises(InvokeError) as caught:
            await self.call(command, *body, **options)
        return caught.value


async def bodies_and_results(it: Subject) -> None:
    assert await it.call("echo", {"name": "Ada"}) == "Ada"
    for size in (0, 3, 1 << 20):
        assert await it.call("double", b"x" * size) == b"x" * size * 2
    error = await it.failure("echo", {"nom": "Ada"})
    assert (error.code, error.details["started"]) == ("invalid-argument", False)
    assert error.details["issues"][0]["loc"] == ["name"]
    assert (await it.failure("wrong")).code == "result-not-serializable"


async def failures(it: Subject) -> None:
    chosen = await it.failure("fail", "chosen")
    assert (chosen.code, chosen.message) == ("command-error", "for a person")
    other = await it.failure("fail", "other")
    assert (other.code, other.details["type"]) == ("command-error", "KeyError")
    assert (await it.failure("fail", "exit")).code == "command-error"


async def progress(it: Subject) -> None:
    told = list[float]()
    assert await it.call("count", 200, on_progress=lambda it: told.append(it.done)) == 200
    assert told == sorted(told)
    assert told[-1] == 200


async def deadlines(it: Subject) -> None:
    assert await it.call("deadline") is None
    assert 0 < await it.call("deadline", timeout=600.0) < 600
    error = await it.failure("hold", {"file": str(it.folder / "late")}, timeout=1.0)
    assert error.code == "deadline-exceeded"


async def cancels(it: Subject) -> None:
    file = it.folder / "held"
    call = it.main.start(it.name("hold"), {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    call.cancel()
    assert await call.released() == "cancelled"
    assert file.read_text() == "over"


async def streams(it: Subject) -> None:
    file = it.folder / "made"
    name = it.name("count_up")
    async with it.main.stream(name, {"file": str(file)}, buffer=CREDIT) as items:
        async for item in items:
            if item == 20:
                break
    # The credit, and the item that found none.
    assert int(file.read_text()) <= 21 + CREDIT + 1


async def affinity(it: Subject) -> None:
    if it.kind not in AFFINE:
        return
    found = await calls_of_keys(it, "0")
    for turn in range(1, TURNS[it.kind]):
        if all(len({process for process, _ in them}) == 1 for them in found.values()):
            break
        found = await calls_of_keys(it, f"{turn}")
    for key, most in (("a", 4), ("b", 3)):
        assert len({process for process, _ in found[key]}) == 1
        # Each of them has found what those before it have left.
        assert sorted(count for _, count in found[key]) == list(range(1, most + 1))


TURNS = {"process": 1, "shared": 1, "cluster": 5}
"""How often `affinity` may try: a process is kept for some seconds on a cluster that is busy."""


async def calls_of_keys(it: Subject, turn: str) -> dict[str, list[tuple[int, int]]]:
    """Where calls of two keys have run, and how many calls of their key had run there."""
    found = dict[str, list[tuple[int, int]]]()

    async def one(key: str) -> None:
        process, count = await it.call("keyed", {"key": it.name(key + turn)})
        found.setdefault(key, []).append((process, count))

    async with anyio.create_task_group() as tasks:
        for key in "aabbab":
            tasks.start_soon(one, key)
    await one("a")
    return found


Check = Callable[[Subject], Awaitable[None]]

CHECKS: Sequence[Check] = (
    bodies_and_results,
    failures,
    progress,
    deadlines,
    cancels,
    streams,
    affinity,
)
