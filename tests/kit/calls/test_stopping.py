"""Tests cancels and deadlines that interrupt a command, and shields against them."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable

import anyio
import pytest

from transom import CallContext, Cancelled, Commands
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


def states(app: TestApp) -> list[str]:
    return [call.state for call in app.calls()]


def spin(seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def test_a_deadline_interrupts_the_thread(commands: Commands, wait_for: WaitFor) -> None:
    ended = list[str]()

    @commands.command(interrupt=True, timeout=2.0)
    def work() -> None:
        try:
            spin()
        except Cancelled:
            ended.append("cancelled")
            raise
        finally:
            ended.append("finally")

    async with TestApp(commands) as app:
        for _ in range(10):
            with pytest.raises(InvokeError) as caught:
                await app.window().invoke("work")
            assert caught.value.code == "deadline-exceeded"
            await wait_for(lambda: app.calls() == [])
            if ended:  # on a busy machine its code may not begin in time
                break
        assert ended == ["cancelled", "finally"]
        # Who interrupts counts it, on a thread of its own.
        await wait_for(lambda: app.metrics().counters["interrupt"] == 1)


async def test_the_end_of_an_app_interrupts_what_never_looks(
    commands: Commands, wait_for: WaitFor
) -> None:
    inside, ended = threading.Event(), list[bool]()

    @commands.command(interrupt=True)
    def work() -> None:
        try:
            inside.set()
            spin()
        finally:
            ended.append(True)

    async with TestApp(commands) as app:
        call = app.window().start("work")
        await wait_for(inside.is_set)
    assert ended == [True]
    with pytest.raises(InvokeError):
        await call


async def test_work_that_outlives_its_clean_up_is_abandoned_and_its_stack_is_logged(
    commands: Commands, caplog: pytest.LogCaptureFixture, wait_for: WaitFor
) -> None:
    gate, here = threading.Event(), set[str]()

    async def hold_on() -> None:
        with anyio.CancelScope(shield=True):
            while not gate.is_set():
                here.add("waits")
                await anyio.sleep(0.01)

    def never_look() -> None:
        here.add("thread")
        gate.wait(120)

    def block_the_loop() -> None:
        here.add("blocks")
        gate.wait(120)

    @commands.command()
    async def waits() -> None:
        await hold_on()

    @commands.command()
    def thread() -> None:
        never_look()

    @commands.command()
    async def blocks() -> None:
        block_the_loop()

    async with TestApp(commands) as app:
        main = app.window("main")
        calls = [main.start("waits"), main.start("thread")]
        await wait_for(lambda: len(here) == 2)
        calls.append(main.start("blocks"))
        await wait_for(lambda: len(here) == 3)
        for call in calls:
            call.cancel()
        assert [await call.released() for call in calls] == ["abandoned"] * 3
        assert states(app) == ["cancelling"] * 3

        def told() -> dict[str, str]:
            texts = [record.getMessage() for record in caplog.records]
            return {text.split("`")[1]: text for text in texts if text.startswith("abandoned:")}

        await wait_for(lambda: len(told()) == 3)
        gate.set()
        await wait_for(lambda: app.calls() == [])
    assert "in hold_on" in told()["waits"]
    assert "in never_look" in told()["thread"]
    assert "in block_the_loop" in told()["blocks"]
    assert all("called by window `main`" in text for text in told().values())


async def test_a_shield_without_an_interrupt_keeps_check_silent(
    commands: Commands, wait_for: WaitFor
) -> None:
    steps, go = list[str](), threading.Event()

    @commands.command()
    def work(ctx: CallContext) -> None:
        with ctx.shield():
            go.wait(120)
            for _ in ctx.track([1]):
                steps.append(f"shielded, cancelled: {ctx.cancelled}")
        ctx.check()
        steps.append("not stopped")

    async with TestApp(commands) as app:
        app.window().start("work")
        await wait_for(lambda: [c.state for c in app.calls()] == ["running"])
        app.cancel(app.calls()[0].id)
        await wait_for(lambda: [c.state for c in app.calls()] == ["cancelling"])
        go.set()
        await wait_for(lambda: app.calls() == [])
    assert steps == ["shielded, cancelled: True"]


@pytest.mark.parametrize("number", [-1, 0, 10**30])
async def test_a_number_of_no_call_cancels_nothing(commands: Commands, number: int) -> None:
    async with TestApp(commands) as app:
        assert not app.cancel(number)
        with pytest.raises(TypeError):
            app.cancel("1")  # pyright: ignore[reportArgumentType]


async def test_metrics_are_those_of_a_real_app(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def greet(body: str) -> str:
        return body

    async with TestApp(commands, limits=None) as app:
        main = app.window("main")
        for _ in range(5):
            await main.invoke("greet", "x")
        # The answer comes first: that a call has ended is counted a moment later.
        await wait_for(lambda: app.metrics().commands["greet"].total.count == 5)
        await wait_for(lambda: app.metrics().windows["main"].live == 0)
        found = app.metrics()
        assert found.counters["value"] == 5
        assert (found.streams.open, found.streams.bytes) == (0, 0)
