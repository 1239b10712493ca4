"""Tests that any exception of a command, and any frame of a page, becomes only its call's error."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

import anyio
import anyio.lowlevel
import pytest
import sniffio
import trio.lowlevel
from pydantic import AfterValidator

from transom import CallContext, Commands, InvokeException, ProcessPool
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio


class WithoutInit(InvokeException):
    def __init__(self, code: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.code = code


class BrokenValue(InvokeException):
    def __getattribute__(self, name: str) -> Any:
        if name == "value":
            raise OSError("no value")
        return super().__getattribute__(name)


class HalfCharacterError(Exception):
    def __repr__(self) -> str:
        return "half of a character: \ud83d"


ODD: dict[str, tuple[Callable[[], BaseException], str]] = {
    "half a character": (lambda: InvokeException("\ud83d"), "\\ud83d"),
    "a number": (lambda: InvokeException(cast("str", 5)), "5"),
    "no text": (lambda: WithoutInit(7), "7"),
    "a text that raises": (lambda: BrokenValue("x"), "<BrokenValue>"),
    "a strange repr": (HalfCharacterError, "half of a character: \\ud83d"),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_exception_ends_its_call_only(commands: Commands, name: str) -> None:
    make, message = ODD[name]

    @commands.command()
    async def fail() -> None:
        raise make()

    @commands.command()
    def fail_in_thread() -> None:
        raise make()

    async with TestApp(commands) as app:
        main = app.window()
        for command in ("fail", "fail_in_thread", "fail"):
            with pytest.raises(InvokeError) as caught:
                await main.invoke(command)
            assert (caught.value.code, caught.value.message) == ("command-error", message)


async def test_a_log_that_fails_does_not_cost_the_answer(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    @commands.command()
    async def fail() -> None:
        raise ValueError("mine")

    def broken(_: logging.LogRecord) -> bool:
        raise OSError("no disk")

    monkeypatch.setattr(logging.getLogger("transom.ipc"), "filters", [broken])
    async with TestApp(commands) as app:
        main = app.window()
        for _ in range(2):
            with pytest.raises(InvokeError, match=r"command-error: ValueError\('mine'\)"):
                await main.invoke("fail")


def never(_: Any) -> Any:
    raise ValueError("never right")


def endless(_: Any) -> float:
    return float("inf")


Endless = Annotated[int, AfterValidator(endless), AfterValidator(never)]
Made = Annotated[int, AfterValidator(lambda _: object()), AfterValidator(never)]


async def test_a_body_that_json_cannot_show_is_an_invalid_argument(commands: Commands) -> None:
    @commands.command()
    async def text(body: str) -> None: ...

    @commands.command()
    async def made(body: Made) -> None: ...

    @commands.command()
    async def numbers(body: list[int]) -> None: ...

    @commands.command()
    async def much(body: Endless) -> None: ...

    async with TestApp(commands) as app:
        main = app.window()
        for command, body in (
            ("text", b"\xff\xfe"),
            ("text", b'"\xff"'),
            ("numbers", b"[NaN]"),
            ("made", 1),
            ("much", 1),
        ):
            with pytest.raises(InvokeError) as caught:
                await main.invoke(command, body)
            assert caught.value.code == "invalid-argument"
            assert caught.value.details["started"] is False
            assert len(caught.value.details["issues"]) == 1


async def test_what_is_wrong_with_a_body_is_told_in_part_when_it_is_much(
    commands: Commands,
) -> None:
    @commands.command()
    async def numbers(body: list[int]) -> None: ...

    async with TestApp(commands) as app:
        with pytest.raises(InvokeError) as caught:
            await app.window().invoke("numbers", ["a"] * 2000)
    assert caught.value.message.startswith("2000 validation errors")
    assert caught.value.message.endswith("characters more)")
    assert len(caught.value.message) < 70_000
    issues = caught.value.details["issues"]
    assert [it["loc"] for it in issues] == [[n] for n in range(100)]


async def exit_in_a_task() -> None:
    async def leave() -> None:
        await anyio.lowlevel.checkpoint()
        sys.exit(4)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave)


async def answer() -> int:
    return 42


@pytest.mark.parametrize("executor", ["async", "process"])
async def test_an_exit_in_a_task_of_a_command_is_the_commands_error(
    commands: Commands, executor: str, backend: Literal["asyncio", "trio"]
) -> None:
    commands.command(executor=executor)(exit_in_a_task)
    commands.command(executor=executor)(answer)
    pool = ProcessPool(workers=1, warm=0, backend=backend)
    async with TestApp(commands, backend=backend, executors={"process": pool}) as app:
        main = app.window()
        for _ in range(2):
            with pytest.raises(InvokeError, match=r"SystemExit\(4\)") as caught:
                await main.invoke("exit_in_a_task")
            assert caught.value.code == "command-error"
        assert await main.invoke("answer") == 42
        assert app.metrics().counters["worker-start"] == (executor == "process")


async def exit_in_a_callback() -> None:
    if sniffio.current_async_library() == "trio":
        trio.lowlevel.current_trio_token().run_sync_soon(sys.exit, 4)
    else:
        asyncio.get_running_loop().call_soon(sys.exit, 4)
    await anyio.sleep(0.05)


@pytest.mark.parametrize("executor", ["async", "process"])
async def test_an_exit_in_a_callback_of_the_loop_ends_no_command(
    commands: Commands, executor: str, backend: Literal["asyncio", "trio"]
) -> None:
    commands.command(executor=executor)(exit_in_a_callback)
    commands.command(executor=executor)(answer)
    pool = ProcessPool(workers=1, warm=0, backend=backend)
    async with TestApp(commands, backend=backend, executors={"process": pool}) as app:
        main = app.window()
        for _ in range(2):
            await main.invoke("exit_in_a_callback")
        assert await main.invoke("answer") == 42
        assert app.metrics().counters["worker-start"] == (executor == "process")


async def fail_in_a_system_task(body: str) -> None:
    failure = {"exit": SystemExit(4), "error": LookupError("lost")}.get(body)
    ended = trio.Event()

    async def fail() -> None:
        try:
            if failure is not None:
                raise failure
            async with trio.open_nursery() as nursery:
                nursery.start_soon(answer)
                raise LookupError("lost in a nursery")
        finally:
            ended.set()

    trio.lowlevel.spawn_system_task(fail)
    await ended.wait()


@pytest.mark.parametrize("executor", ["async", "process"])
async def test_what_a_system_task_of_trio_raises_ends_no_command(
    commands: Commands, executor: str, caplog: pytest.LogCaptureFixture
) -> None:
    commands.command(executor=executor)(fail_in_a_system_task)
    commands.command(executor=executor)(answer)
    pool = ProcessPool(workers=1, warm=0, backend="trio")
    async with TestApp(commands, backend="trio", executors={"process": pool}) as app:
        main = app.window()
        for what in ("exit", "error", "group"):
            await main.invoke("fail_in_a_system_task", what)
            assert await main.invoke("answer") == 42
        assert app.metrics().counters["worker-start"] == (executor == "process")
    named = [str(it.exc_text) for it in caplog.records if "fail` raised" in it.getMessage()]
    raised = ["SystemExit: 4", "LookupError: lost", "lost in a nursery"]
    assert [text in trace for text, trace in zip(raised, named, strict=True)] == [True] * 3


async def test_a_task_that_was_cancelled_before_it_began_leaves_no_warning(
    commands: Commands, recwarn: pytest.WarningsRecorder
) -> None:
    @commands.command()
    async def never_begins() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer)
            tasks.cancel_scope.cancel()

    async with TestApp(commands) as app:
        await app.window().invoke("never_begins")
    assert recwarn.list == []


def tell_nothing(ctx: CallContext) -> list[str]:
    raised = list[str]()
    for done, message in ((float("nan"), None), (float("inf"), None), (1, "\ud83d")):
        try:
            ctx.progress(done, message=message)
        except ValueError as error:
            raised.append(type(error).__name__)
    return raised


@pytest.mark.parametrize("executor", ["thread", "process"])
async def test_progress_that_cannot_be_told_is_a_value_error(
    commands: Commands, executor: str
) -> None:
    commands.command(executor=executor)(tell_nothing)
    async with TestApp(commands) as app:
        expected = ["ValueError", "ValueError", "UnicodeEncodeError"]
        assert await app.window().invoke("tell_nothing") == expected


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Literal["asyncio", "trio"]:
    return request.param
