"""`async def` callbacks run on the portal, and nothing that they raise ends it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from transom import _callbacks


@pytest.fixture
def portal(anyio_backend: str) -> Iterator[BlockingPortal]:
    with start_blocking_portal(anyio_backend) as portal:
        _callbacks.set_portal(portal)
        yield portal
        _callbacks.set_portal(None)


def result(func: Callable[..., Any], *args: object) -> tuple[bool, object]:
    """What `done` is told of a callback."""
    told, ended = list[tuple[bool, object]](), threading.Event()

    def done(succeeded: bool, value: object) -> None:
        told.append((succeeded, value))
        ended.set()

    _callbacks.start(func, args, done)
    assert ended.wait(20)
    assert len(told) == 1
    return told[0]


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
        _callbacks.set_portal(portal)
    try:
        assert result(double, 1) == (False, None)
    finally:
        _callbacks.set_portal(None)
    assert "could not be started on the portal" in caplog.text


@pytest.mark.usefixtures("portal")
def test_a_flood_is_refused_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_callbacks, "_LIMIT", 1)
    inside, release, ended = threading.Event(), threading.Event(), threading.Event()

    async def holds() -> None:
        inside.set()
        await anyio.to_thread.run_sync(release.wait, 20)

    _callbacks.start(holds, (), lambda *_: ended.set())
    assert inside.wait(20)
    assert result(double, 1) == (False, None)
    release.set()
    assert ended.wait(20)
    assert result(double, 1) == (True, 2)
