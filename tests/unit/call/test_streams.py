"""Tests which functions are stream commands, and how their generators are run."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import pytest
from doubles import FakeCall

from transom import Commands
from transom._app.runtime import Runtime
from transom._call.runner import Runner
from transom._call.streams import Credits, StreamHandler
from transom._values.codec import is_async


@dataclass(eq=False)
class FakeStream(FakeCall):
    """A call that takes `credit` items before it has to be woken, and `wanted` in all."""

    wants_stream: bool = True
    credit: int = 1000
    wanted: int = 1000
    got: list[Any] = field(default_factory=list[Any])
    waits: int = 0

    def push_json(self, item: str) -> bool | None:
        if len(self.got) == self.wanted:
            self._end("error", "aborted")
            return None
        if self.credit == 0:
            return False
        self.credit -= 1
        self.got.append(item)
        return True

    def push_raw(self, item: bytes) -> bool | None:
        return self.push_json(item.decode())

    def wait_for_credit(self) -> None:
        self.waits += 1
        self.credit = 2


def run(func: Callable[..., Any], call: FakeStream) -> FakeStream:
    commands = Commands()
    commands.set_command("command", func)
    runtime = Runtime(cast("Any", None), cast("Any", None))
    Runner(commands.__getitem__, runtime).run_blocking(cast("Any", call))
    return call


def handler_of(func: Callable[..., Any]) -> Any:
    return Commands.wrap_pyfunc(func, Commands.parse_parameters(func))


async def async_generator() -> AsyncGenerator[int, None]:
    yield 1


async def async_iterator() -> AsyncIterator[int]:
    return async_generator()


def returns_async() -> AsyncIterator[int]:
    return async_generator()


def generator() -> Generator[int, None, None]:
    yield 1


def iterable() -> Iterable[int]:
    return [1]


@pytest.mark.parametrize("func", [async_generator, async_iterator, returns_async])
def test_what_gives_an_async_iterator_runs_on_the_loop(func: Callable[..., Any]) -> None:
    handler = handler_of(func)
    assert isinstance(handler, StreamHandler)
    assert is_async(handler)
    assert is_async(func)


@pytest.mark.parametrize("func", [generator, iterable])
def test_what_gives_an_iterator_runs_in_a_thread(func: Callable[..., Any]) -> None:
    assert isinstance(handler_of(func), StreamHandler)
    assert not is_async(func)
    call = run(func, FakeStream())
    assert (call.got, call.outcome) == (["1"], ("json", "null"))


def test_a_generator_must_say_what_it_yields() -> None:
    def command() -> int:  # pyright: ignore[reportInvalidTypeForm]
        yield 1  # pyright: ignore[reportReturnType]

    with pytest.raises(ValueError, match="annotate what it yields"):
        handler_of(command)


def test_only_a_stream_has_a_total_timeout() -> None:
    def plain() -> int:
        return 1

    commands = Commands()
    commands.command(total_timeout=2)(generator)
    with pytest.raises(ValueError, match="`plain` is no stream"):
        commands.command(total_timeout=2)(plain)
    with pytest.raises(ValueError, match="total_timeout"):
        commands.command("other", total_timeout=-1)(generator)


def test_without_credit_the_same_item_is_pushed_again() -> None:
    def command() -> Iterator[int]:
        yield from range(7)

    call = run(command, FakeStream(credit=3))
    assert call.got == [str(n) for n in range(7)]
    assert call.waits == 2


def test_a_generator_that_nobody_wants_is_closed() -> None:
    closed: list[bool] = []

    def command() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    call = run(command, FakeStream(wanted=5))
    assert (call.got, closed, call.outcome) == (["1"] * 5, [True], ("error", "aborted"))


def test_a_plain_call_of_a_stream_is_told_to_use_py_stream() -> None:
    call = run(generator, FakeStream(wants_stream=False))
    assert call.outcome is not None
    assert call.outcome[:2] == ("error", "invalid-argument")
    assert call.outcome[3] == {"started": False}
    assert not call.began


def test_a_wake_reaches_the_stream_that_waits_and_no_other(anyio_backend: str) -> None:
    async def main() -> list[int]:
        waiting, woken = Credits(), list[int]()

        async def wait(key: int) -> None:
            await waiting.wait(cast("Any", FakeStream(id=key)))
            woken.append(key)

        async with anyio.create_task_group() as tasks:
            for key in (1, 2):
                tasks.start_soon(wait, key)
            await anyio.wait_all_tasks_blocked()
            waiting.wake(3)
            waiting.wake(2)
            await anyio.wait_all_tasks_blocked()
            assert woken == [2]
            waiting.wake(1)
        return woken

    assert anyio.run(main, backend=anyio_backend) == [2, 1]
