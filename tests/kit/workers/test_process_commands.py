"""Tests what commands in worker processes may do, and what it costs them and others."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from pydantic import BaseModel

from transom import CallContext, Commands, InvokeException, Limits, ProcessPool, WindowClosed
from transom.ipc import JavaScriptChannelId
from transom.testing import Emitted, InvokeError, TestApp

pytestmark = pytest.mark.anyio

LIMITS = Limits(max_body=1 << 20, result_bytes=2 << 20)
made: list[str] = []


def pid() -> int:
    return os.getpid()


def text(body: int) -> str:
    return "x" * body


def raw(body: int) -> bytes:
    return bytes(body)


def items(body: list[int]) -> Iterator[bytes]:
    return map(bytes, body)


def message(body: tuple[JavaScriptChannelId[Any], int], ctx: CallContext) -> str:
    channel = body[0].channel_on(ctx)
    try:
        channel.send(bytes(body[1]))
    except ValueError as error:
        channel.send(b"small")
        return str(error)
    return "sent"


def fail(body: int) -> None:
    raise InvokeException("\N{GRINNING FACE}" * body)


def many(body: list[int]) -> int:
    return len(body)


class Picky(BaseModel):
    number: int


def picky(body: Picky) -> int:
    return body.number


class Note(BaseModel):
    text: str


def emit(body: str, ctx: CallContext) -> None:
    ctx.emit(body, Note(text="a"))
    ctx.emit(body, Note(text="b"))


def emit_wrongly(ctx: CallContext) -> None:
    ctx.emit("note", {"text": "a"})  # type: ignore[arg-type]


def emit_on(ctx: CallContext) -> str:
    while True:
        try:
            ctx.emit("note", Note(text="on"))
        except WindowClosed as error:
            return str(error)
        time.sleep(0.01)


def inject(body: str, ctx: CallContext) -> None:
    """What only a worker that means harm sends."""
    call: Any = ctx._call
    call._link.send(body.encode(), {"id": call.id, "event": "x", "channel": 1}, b"0}); alert(")
    time.sleep(60)


def tell(body: int, ctx: CallContext) -> None:
    ctx.progress(1, None, "\N{GRINNING FACE}" * body)


def close_from(body: int) -> None:
    os.closerange(body, 256)


def fork(body: bool, ctx: CallContext) -> int:
    """Both processes come back from here."""
    child = os.fork()
    if child == 0 and body:
        ctx.progress(1)
    return os.getpid()


def die(body: int) -> None:
    os.kill(os.getpid(), body)


async def make() -> None:
    await anyio.lowlevel.checkpoint()
    made.append(anyio.get_current_task().name or "")


def what_is_made() -> int:
    return len(made)


def app_of(commands: Commands, **pool: Any) -> TestApp:
    functions = [pid, text, raw, items, message, fail, many, picky, tell, close_from, fork, die]
    for func in [*functions, what_is_made, emit, emit_wrongly, inject]:
        commands.command(executor="process")(func)
    commands.command(executor="process", on_close="detach")(emit_on)
    return TestApp(commands, limits=LIMITS, executors={"process": ProcessPool(workers=1, **pool)})


async def test_a_result_may_be_larger_than_a_body(commands: Commands) -> None:
    async with app_of(commands) as app:
        assert len(await app.window().invoke("raw", 2 << 20)) == 2 << 20


@pytest.mark.parametrize("name", ["raw", "text"])
async def test_a_result_over_the_limit_costs_no_worker(commands: Commands, name: str) -> None:
    async with app_of(commands) as app:
        main = app.window()
        before = await main.invoke("pid")
        with pytest.raises(InvokeError) as caught:
            await main.invoke(name, 3 << 20)
        assert caught.value.code == "payload-too-large"
        assert caught.value.details["size"] >= 3 << 20
        assert caught.value.details["started"]
        assert await main.invoke("pid") == before


async def test_an_item_over_the_limit_is_that_streams_error(commands: Commands) -> None:
    async with app_of(commands) as app:
        main, got = app.window(), list[int]()
        before = await main.invoke("pid")

        async def take() -> None:
            async with main.stream("items", [1, 3 << 20, 2]) as stream:
                async for item in stream:
                    got.append(len(item))

        with pytest.raises(InvokeError, match="the limit is 2097152") as caught:
            await take()
        assert (caught.value.code, got) == ("command-error", [1])
        assert await main.invoke("pid") == before


async def test_a_message_over_the_limit_is_an_error_of_the_send(commands: Commands) -> None:
    async with app_of(commands) as app:
        main = app.window()
        channel = main.channel()
        assert "the limit is 2097152" in await main.invoke("message", (channel, 3 << 20))
        await channel.wait_for(lambda messages: messages == [b"small"])


async def test_a_text_that_is_too_long_is_cut(commands: Commands) -> None:
    async with app_of(commands) as app:
        main, told = app.window(), list[Any]()
        before = await main.invoke("pid")
        with pytest.raises(InvokeError) as caught:
            await main.invoke("fail", 1 << 20)
        assert caught.value.code == "command-error"
        assert caught.value.message.endswith("… (983040 characters more)")
        await main.invoke("tell", 1 << 20, on_progress=told.append)
        assert len(told[-1].message) == 256 * 1024
        assert await main.invoke("pid") == before


async def test_issues_that_are_too_many_or_too_large_are_cut(commands: Commands) -> None:
    async with app_of(commands) as app:
        main = app.window()
        before = await main.invoke("pid")
        with pytest.raises(InvokeError) as caught:
            await main.invoke("many", ["x"] * 50_000)
        assert (caught.value.code, len(caught.value.details["issues"])) == ("invalid-argument", 100)
        with pytest.raises(InvokeError) as caught:
            await main.invoke("picky", {"number": "x" * 500_000})
        [issue] = caught.value.details["issues"]
        assert (issue["loc"], issue["type"], issue["input"]) == (["number"], "int_parsing", None)
        assert await main.invoke("pid") == before


@pytest.mark.parametrize("first", [0, 3])
async def test_a_command_that_closes_the_link_ends_its_worker(
    commands: Commands, first: int
) -> None:
    async with app_of(commands) as app:
        with pytest.raises(InvokeError) as caught:
            await app.window().invoke("close_from", first)
        assert (caught.value.code, caught.value.details["exitCode"]) == ("worker-lost", 1)
        assert ("close its own" in caught.value.details["stderr"]) is (first > 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks")
@pytest.mark.parametrize("talks", [False, True])
async def test_a_fork_of_a_worker_cannot_speak_for_it(commands: Commands, talks: bool) -> None:
    async with app_of(commands) as app:
        main = app.window()
        before = await main.invoke("pid")
        assert await main.invoke("fork", talks) == before
        assert await main.invoke("pid") == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals do not end processes")
@pytest.mark.parametrize("name", ["SIGBUS", "SIGUSR1", "SIGTERM"])
async def test_the_signal_that_ended_a_worker_has_its_name(commands: Commands, name: str) -> None:
    async with app_of(commands) as app:
        number = signal.Signals[name].value
        with pytest.raises(InvokeError, match=rf"signal {number} \({name}\)") as caught:
            await app.window().invoke("die", number)
        assert caught.value.details["signalName"] == name


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_an_initializer_may_be_async(commands: Commands, backend: Any) -> None:
    async with app_of(commands, initializer=make, backend=backend) as app:
        assert await app.window().invoke("what_is_made") == 1


async def test_events_go_to_the_window_that_called(commands: Commands) -> None:
    async with app_of(commands) as app:
        await app.window("editor").invoke("emit", "note")
        told = [Emitted("note", {"text": text}, "editor") for text in "ab"]
        assert app.emitted == told


async def test_an_event_that_cannot_be_meant_is_refused(commands: Commands) -> None:
    async with app_of(commands) as app:
        main = app.window()
        with pytest.raises(InvokeError, match="event name 'two words' may contain only letters"):
            await main.invoke("emit", "two words")
        with pytest.raises(InvokeError, match="must be a pydantic BaseModel, got dict"):
            await main.invoke("emit_wrongly")
        assert app.emitted == []


async def test_events_to_a_window_that_is_gone_say_so(
    commands: Commands, wait_for: Callable[..., Awaitable[None]]
) -> None:
    async with app_of(commands) as app:
        main = app.window("main")
        main.start("emit_on")
        await wait_for(lambda: app.emitted)
        main.close()
        other = app.window("other")
        [job] = await other.jobs()
        assert "`main`, which made this call, is gone" in await other.attach(job.id)


@pytest.mark.parametrize("kind", ["M", "V"])
async def test_what_is_no_json_never_gets_into_a_page(commands: Commands, kind: str) -> None:
    async with app_of(commands) as app:
        with pytest.raises(InvokeError, match="a message that is no JSON") as caught:
            await app.window().invoke("inject", kind)
        assert caught.value.code == "worker-lost"
        assert app.emitted == []


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is preloaded")
async def test_a_preload_that_never_ends_costs_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "endless.py").write_text("import time\ntime.sleep(1000)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for patience in (10.0, 60.0, 300.0):
        try:
            async with app_of(Commands(), preload=["endless"], start_timeout=patience) as app:
                assert await app.window().invoke("pid") > 0
        except InvokeError as error:
            # A busy machine may need longer for what is not preloaded.
            if error.code != "worker-lost" or patience == 300.0:
                raise
        else:
            break
