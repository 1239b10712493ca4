"""Tests that queue policies, limits and thread executors refuse invalid values."""

import json
from dataclasses import replace
from inspect import Parameter, signature
from typing import Any

import pytest

from transom import (
    Commands,
    DropOldest,
    Latest,
    Limits,
    ProcessPool,
    Reject,
    Serial,
    ThreadExecutor,
    Wait,
)


def test_defaults() -> None:
    assert Wait().n == 1024
    assert ThreadExecutor().workers == 40
    limits = Limits()
    assert (limits.calls_per_window, limits.calls) == (256, 1024)
    assert (limits.max_body, limits.queued_bytes) == (256 << 20, 64 << 20)
    assert limits.result_bytes == 256 << 20
    assert Latest() == Latest(key="window", cancel_running=False)
    assert Serial() == Serial(key="window")


@pytest.mark.parametrize("n", [0, -1])
def test_a_queue_of_nothing_names_reject(n: int) -> None:
    with pytest.raises(ValueError, match=r"`Wait\(n\)` needs n >= 1; use `Reject\(\)`"):
        Wait(n)


@pytest.mark.parametrize(
    "name", ["calls_per_window", "calls", "max_body", "queued_bytes", "result_bytes"]
)
def test_a_limit_of_nothing_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"`Limits\.{name}` must be at least 1"):
        Limits(**{name: 0})


@pytest.mark.parametrize("workers", [0, 1.5, True])
def test_an_executor_without_threads_is_refused(workers: Any) -> None:
    with pytest.raises(ValueError, match=r"`ThreadExecutor\.workers` must be a whole number, at l"):
        ThreadExecutor(workers=workers)


@pytest.mark.parametrize("executor", [ThreadExecutor, ProcessPool])
def test_executors_take_their_options_by_name_and_say_so(executor: Any) -> None:
    name = executor.__name__
    with pytest.raises(TypeError, match=rf"by name: write `{name}\(workers=4\)`"):
        executor(4)
    with pytest.raises(TypeError, match=rf"`{name}` has no option `threads`: it has `workers`"):
        executor(threads=4)
    assert replace(executor(workers=4), workers=5) == executor(workers=5)
    assert {it.kind for it in signature(executor).parameters.values()} == {Parameter.KEYWORD_ONLY}


def spec(commands: Commands, name: str) -> object:
    return json.loads(commands.options(name).spec(message=True))


DEFAULTS = {
    "executor": "async",
    "concurrency": None,
    "concurrency_per": "app",
    "queue": {"kind": "wait", "limit": 1024, "max_wait": None},
    "timeout": None,
    "total_timeout": None,
    "on_close": "cancel",
    "idempotent": False,
    "interrupt": False,
    "message": True,
    "affinity": None,
    "shared": False,
}


def test_what_the_native_side_is_told_by_default() -> None:
    commands = Commands()

    @commands.command()
    async def loop() -> None: ...

    @commands.command()
    def thread() -> None: ...

    assert spec(commands, "loop") == DEFAULTS
    assert spec(commands, "thread") == DEFAULTS | {"executor": "thread"}


def test_what_the_native_side_is_told_of_options() -> None:
    commands = Commands()

    @commands.command(executor="io", concurrency=3, queue=Wait(7, max_wait=2.5), timeout=60)
    def waiting() -> None: ...

    @commands.command(concurrency=1, queue=Reject())
    async def single() -> None: ...

    queue = {"kind": "wait", "limit": 7, "max_wait": 2.5}
    told = {"executor": "io", "concurrency": 3, "queue": queue, "timeout": 60}
    assert spec(commands, "waiting") == DEFAULTS | told
    assert spec(commands, "single") == DEFAULTS | {"concurrency": 1, "queue": {"kind": "reject"}}


@pytest.mark.parametrize(
    ("queue", "told"),
    [
        (Latest(), {"concurrency": 1, "concurrency_per": "window"}),
        (Latest("/doc"), {"concurrency": 1, "concurrency_per": "/doc"}),
        (Serial("app"), {"concurrency": 1, "concurrency_per": "app"}),
        (DropOldest(3), {"concurrency": 1, "concurrency_per": "app"}),
        (Wait(), {"concurrency": None, "concurrency_per": "app"}),
    ],
)
def test_what_a_policy_means_without_a_concurrency(
    queue: Latest | Serial | DropOldest | Wait, told: dict[str, object]
) -> None:
    commands = Commands()

    @commands.command(queue=queue)
    async def command() -> None: ...

    assert spec(commands, "command") == DEFAULTS | told | {"queue": queue.spec()}


def test_a_concurrency_holds_for_the_app_unless_it_says_otherwise() -> None:
    commands = Commands()

    @commands.command(queue=Serial("/doc"), concurrency=4)
    async def several() -> None: ...

    @commands.command(queue=Latest("/doc"), concurrency=2, concurrency_per="window")
    async def each() -> None: ...

    assert commands.options("several").concurrency_per == "app"
    assert commands.options("each").concurrency_per == "window"


@pytest.mark.parametrize("key", ["", "doc", "Window", "/a~2", "/a~", None, 3, len])
def test_a_key_that_cannot_be_meant_is_refused(key: object) -> None:
    for policy in (Latest, Serial):
        with pytest.raises(ValueError, match='"app", "window" or a JSON pointer'):
            policy(key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"concurrency": 0}, "concurrency must be at least 1"),
        ({"concurrency": 1.5}, "concurrency must be at least 1"),
        ({"concurrency": 1, "concurrency_per": "doc"}, "concurrency_per must be"),
        ({"concurrency_per": "window"}, "`concurrency_per` needs a `concurrency`"),
        ({"queue": Reject()}, r"`Reject\(\)` needs a `concurrency`"),
        ({"queue": Reject}, "queue must be a policy"),
        ({"timeout": 0}, "timeout must be above 0 seconds"),
        ({"timeout": float("nan")}, "timeout must be above 0 seconds"),
        ({"timeout": float("inf")}, "timeout must be above 0 seconds"),
        ({"timeout": "5"}, "timeout must be above 0 seconds"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], text: str) -> None:
    async def command() -> None: ...

    with pytest.raises(ValueError, match=text):
        Commands().command(**options)(command)


def test_waits_and_drops_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ValueError, match="max_wait"):
        Wait(1, max_wait=0)
    with pytest.raises(ValueError, match="DropOldest"):
        DropOldest(0)


@pytest.mark.parametrize("executor", ["async", None])
def test_an_affinity_outside_of_worker_processes_is_refused(executor: str | None) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="`affinity` is for the worker processes"):

        @commands.command(executor=executor, affinity="/doc")
        async def here() -> None: ...


@pytest.mark.parametrize("executor", ["async", None])
def test_a_share_of_a_worker_outside_of_worker_processes_is_refused(executor: str | None) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="`shared` is for the worker processes"):

        @commands.command(executor=executor, shared=True)
        async def here() -> None: ...


@pytest.mark.parametrize("executor", ["thread", None])
def test_a_second_run_outside_of_worker_processes_is_refused(executor: str | None) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="`idempotent` is for the worker processes"):

        @commands.command(executor=executor, idempotent=True)
        def here() -> None: ...


def test_a_plain_command_shares_its_worker_with_no_other() -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="`shared=True` is for an `async def`"):

        @commands.command(executor="gpu", shared=True)
        def alone() -> None: ...


@pytest.mark.parametrize("affinity", ["doc", "app", ""])
def test_an_affinity_tells_calls_apart(affinity: str) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="affinity must be"):

        @commands.command(executor="gpu", affinity=affinity)
        def far() -> None: ...
