"""Queue policies, limits and thread executors refuse what cannot be meant."""

import json

import pytest

from transom import Commands, Limits, Reject, ThreadExecutor, Wait


def test_defaults() -> None:
    assert Wait().n == 1024
    assert ThreadExecutor().threads == 40
    limits = Limits()
    assert (limits.calls_per_window, limits.calls) == (256, 1024)
    assert limits.max_body == 268_435_456


@pytest.mark.parametrize("n", [0, -1])
def test_a_queue_of_nothing_names_reject(n: int) -> None:
    with pytest.raises(ValueError, match=r"`Wait\(n\)` needs n >= 1; use `Reject\(\)`"):
        Wait(n)


@pytest.mark.parametrize("name", ["calls_per_window", "calls", "max_body"])
def test_a_limit_of_nothing_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"`Limits\.{name}` must be at least 1"):
        Limits(**{name: 0})


def test_an_executor_without_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="needs at least 1 thread"):
        ThreadExecutor(0)


def spec(commands: Commands, name: str) -> object:
    return json.loads(commands.options(name).spec())


DEFAULTS = {
    "executor": "async",
    "concurrency": None,
    "concurrency_per": "app",
    "queue": {"kind": "wait", "limit": 1024},
    "timeout": None,
    "on_close": "cancel",
    "idempotent": False,
    "interrupt": False,
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

    @commands.command(executor="io", concurrency=3, queue=Wait(7))
    def waiting() -> None: ...

    @commands.command(concurrency=1, queue=Reject())
    async def single() -> None: ...

    queue = {"kind": "wait", "limit": 7}
    told = {"executor": "io", "concurrency": 3, "queue": queue}
    assert spec(commands, "waiting") == DEFAULTS | told
    assert spec(commands, "single") == DEFAULTS | {"concurrency": 1, "queue": {"kind": "reject"}}
