"""Tests the commands as pages call them, without a window."""

import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from hello_app.commands import commands
from transom.testing import Emitted, InvokeError, TestApp, TestWindow

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(folder: Path) -> TestApp:
    """The app, whose windows may do what its capability files say."""
    return TestApp(commands, capabilities=folder)


async def cancel(main: TestWindow, command: str, *body: Any) -> None:
    """Cancels a call once it has shown its progress."""
    begun = anyio.Event()
    call = main.start(command, *body, on_progress=lambda _: begun.set())
    with anyio.fail_after(60):
        await begun.wait()
    call.cancel()
    with pytest.raises(InvokeError, match="aborted"):
        await call
    assert await call.released() == "cancelled"


async def test_somebody_is_greeted(app: TestApp) -> None:
    async with app:
        main = app.window("main")
        assert (await main.invoke("greet", {"name": "Ada"})).startswith("Hello, Ada!")
        with pytest.raises(InvokeError, match="invalid-argument"):
            await main.invoke("greet", {"name": ""})
        assert app.emitted == [Emitted("greeted", {"name": "Ada"})]


async def test_waiting_stops_when_it_is_told_to(app: TestApp) -> None:
    async with app:
        await cancel(app.window("main"), "wait", 60)


async def test_lines_are_counted_in_a_thread(app: TestApp) -> None:
    async with app:
        found = await app.window("main").invoke("count_lines")
        assert found["lines"] > found["files"] > 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no worker processes on Windows yet")
async def test_primes_are_counted_in_a_worker_process(app: TestApp) -> None:
    async with app:
        main = app.window("main")
        assert await main.invoke("count_primes", 100) == {"count": 25, "largest": 97}
        await cancel(main, "count_primes", 100_000_000)


async def test_the_second_window_has_its_stream_and_nothing_else(app: TestApp) -> None:
    async with app:
        await app.window("main").invoke("open_pulse")
        pulse = app.window("pulse")
        async with pulse.stream("pulse") as beats:
            async for beat in beats:
                assert beat["late"] >= 0
                break
        with pytest.raises(InvokeError, match="permission-denied"):
            await pulse.invoke("greet", {"name": "Ada"})
