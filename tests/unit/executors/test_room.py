"""Tests which threads may wait for a slow page."""

from __future__ import annotations

import asyncio
import threading

import anyio
import anyio.to_thread
import pytest

from transom import PageBehind
from transom._call.interrupt import here as thread
from transom._call.shield import shielded
from transom._windows.room import behind, here


def in_a_thread() -> list[tuple[bool, bool, object]]:
    found = list[tuple[bool, bool, object]]()
    other = threading.Thread(target=lambda: found.append(here()))
    other.start()
    other.join()
    return found


def test_a_thread_may_wait() -> None:
    assert here() == (True, False, None)
    assert in_a_thread() == [(True, False, None)]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_thread_of_an_event_loop_may_not_and_those_that_it_starts_may(backend: str) -> None:
    async def main() -> None:
        assert here()[0] is False
        with shielded(1.0):
            assert here()[1] is True
        assert await anyio.to_thread.run_sync(here) == (True, False, None)
        assert in_a_thread() == [(True, False, None)]

    anyio.run(main, backend=backend)


def test_a_callback_of_the_loop_may_not_either() -> None:
    async def main() -> None:
        found = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(lambda: found.set_result(here()[0]))
        assert await found is False

    asyncio.run(main())


def test_the_thread_of_plain_callbacks_may_not() -> None:
    def serve() -> list[bool]:
        thread.serves_all = True
        return [here()[0]]

    found = list[bool]()
    other = threading.Thread(target=lambda: found.extend(serve()))
    other.start()
    other.join()
    assert found == [False]


def test_the_error_says_what_to_do() -> None:
    error = behind("main")
    assert isinstance(error, PageBehind)
    assert isinstance(error, RuntimeError)
    assert "to_thread" in str(error)
