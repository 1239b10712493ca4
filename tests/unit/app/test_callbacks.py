"""Tests callbacks: `async def` ones run on the portal, plain ones on a thread; both survive all."""

import asyncio
import gc
import logging
import queue
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from odd import NAMES, ODD, RaisingHandler

from transom._app import callbacks


@pytest.fixture
def portal(anyio_backend: str) -> Iterator[BlockingPortal]:
    with start_blocking_portal(anyio_backend) as portal:
        callbacks.set_portal(portal)
        yield portal
        callbacks.set_portal(None)


class Done:
    """What is told of a callback."""

    def __init__(self, *, bounded: bool = False) -> None:
        self.bounded = bounded
        self.told = list[tuple[bool, object]]()
        self.ended = threading.Event()
        self.unawaited = False

    def __call__(self, succeeded: bool, value: object) -> None:
        self.told.append((succeeded, value))
        self.ended.set()

    def is_first_unawaited(self) -> bool:
        first = not self.unawaited
        self.unawaited = True
        return first


def result(func: Callable[..., Any], *args: object) -> tuple[bool, object]:
    """What `done` is told of an `async def` callback."""
    done = Done()
    callbacks.start(func, args, done)
    assert done.ended.wait(120)
    assert len(done.told) == 1
    return done.told[0]


async def double(value: int) -> int:
    await anyio.lowlevel.checkpoint()
    return value * 2


@pytest.mark.usefixtures("portal")
def test_what_it_returns_is_told() -> None:
    assert result(double, 4) == (True, 8)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_what_it_raises_is_logged_and_the_portal_lives_on(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails() -> None:
        raise error

    assert result(fails) == (False, None)
    [record] = caplog.records
    assert record.name == "transom"
    assert record.exc_info is not None
    assert record.exc_info[1] is error
    assert result(double, 1) == (True, 2)


def test_without_a_portal_the_log_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    assert result(double, 1) == (False, None)
    assert "generate_handler(portal)" in caplog.text


def test_a_portal_that_has_ended_fails_the_callback(caplog: pytest.LogCaptureFixture) -> None:
    with start_blocking_portal() as portal:
        callbacks.set_portal(portal)
    try:
        assert result(double, 1) == (False, None)
    finally:
        callbacks.set_portal(None)
    assert "could not be started on the portal" in caplog.text


@pytest.mark.usefixtures("portal")
def test_a_flood_is_refused_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "_LIMIT", 1)
    inside, release, held = threading.Event(), threading.Event(), Done()

    async def holds() -> None:
        inside.set()
        await anyio.to_thread.run_sync(release.wait, 120)

    callbacks.start(holds, (), held)
    assert inside.wait(120)
    assert result(double, 1) == (False, None)
    # Of these something else keeps the number down.
    bounded = Done(bounded=True)
    callbacks.start(double, (1,), bounded)
    assert bounded.ended.wait(120)
    assert bounded.told == [(True, 2)]
    release.set()
    assert held.ended.wait(120)
    assert result(double, 1) == (True, 2)


def returns_a_coroutine(value: int) -> Coroutine[Any, Any, int]:
    return double(value)


async def returns_an_unawaited_one(value: int) -> Coroutine[Any, Any, int]:
    return double(value)


async def generates(value: int) -> AsyncIterator[int]:
    yield value


def returns_a_generator(value: int) -> AsyncIterator[int]:
    return generates(value)


@pytest.mark.parametrize("func", [returns_a_coroutine, returns_a_generator])
def test_what_a_plain_callback_leaves_to_await_is_an_error_once(
    func: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    done = Done()
    with warnings.catch_warnings():
        # That it was never awaited.
        warnings.simplefilter("error")
        callbacks.call(func, (1,), done)
        callbacks.call(func, (2,), done)
        gc.collect()
    assert done.told == [(False, None), (False, None)]
    [record] = caplog.records
    assert (record.name, record.levelname) == ("transom", "ERROR")
    assert "nobody awaits" in caplog.text
    assert "Make it an `async def`" in caplog.text


@pytest.mark.usefixtures("portal")
def test_so_it_is_for_an_async_one(caplog: pytest.LogCaptureFixture) -> None:
    assert result(returns_an_unawaited_one, 1) == (False, None)
    assert "nobody awaits" in caplog.text


def test_a_plain_callback_may_return_what_runs_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    future, done = loop.create_future(), Done()
    callbacks.call(lambda: future, (), done)
    loop.close()
    assert done.told == [(True, future)]
    assert not caplog.records


class Awaited:
    async def __call__(self, value: int) -> int:
        return value


@pytest.mark.parametrize("func", [double, partial(double, 1), Awaited()])
def test_what_is_to_be_awaited_is_seen(func: Callable[..., Any]) -> None:
    assert callbacks.is_async(func)


def test_a_plain_function_is_not_awaited() -> None:
    assert not callbacks.is_async(print)
    assert not callbacks.is_async(returns_a_coroutine)


def test_an_async_generator_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`generates` would run: write it without `yield`"):
        callbacks.is_async(generates)


def boom(make: Callable[[], BaseException]) -> None:
    raise make()


async def boom_later(make: Callable[[], BaseException]) -> None:
    raise make()


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("make", ODD, ids=NAMES)
def test_an_odd_exception_ends_neither_the_portal_nor_who_calls(
    make: Callable[[], BaseException],
) -> None:
    done = Done()
    callbacks.call(boom, (make,), done)
    assert done.told == [(False, None)]
    assert result(boom_later, make) == (False, None)
    assert result(double, 1) == (True, 2)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("error", [RuntimeError("handler"), SystemExit(9)], ids=repr)
def test_a_log_handler_that_raises_ends_neither_the_portal_nor_the_lane(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    errands = queue.SimpleQueue[Any]()
    monkeypatch.setattr(callbacks, "take_callback", lambda _: errands.get())
    callbacks.serve(callbacks.PLAIN, "lane")
    handler = RaisingHandler(error)
    logging.root.addHandler(handler)
    try:
        first, second = Done(), Done()
        errands.put((boom, (ValueError,), first))
        errands.put((abs, (-1,), second))
        errands.put(None)
        assert second.ended.wait(120)
        assert (first.told, second.told) == ([(False, None)], [(True, 1)])
        assert result(boom_later, ValueError) == (False, None)
        assert result(double, 1) == (True, 2)
    finally:
        logging.root.removeHandler(handler)
