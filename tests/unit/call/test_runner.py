"""Tests that running a call ends in order, whatever the command does."""

import logging
import sys
from collections.abc import Callable
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest
from anyio import CancelScope
from doubles import FakeCall
from pydantic import BaseModel

from transom import CallContext, Cancelled, Commands, InvokeException
from transom._app.runtime import Runtime
from transom._call.runner import Runner
from transom._executors.call_tasks import Arrived
from transom.ipc import Headers

HANDLE = object()


class Order(BaseModel):
    customer: str


def blocking(func: Callable[..., Any], **call: Any) -> FakeCall:
    """How a call of a plain command ends."""
    commands, fake = Commands(), FakeCall(**call)
    commands.set_command("command", func)
    runner_of(commands).run_blocking(cast("Any", fake))
    assert fake.done.is_set()
    return fake


def runner_of(commands: Commands) -> Runner:
    return Runner(commands.__getitem__, Runtime(cast("Any", None), cast("Any", HANDLE)))


def error_of(call: FakeCall) -> tuple[Any, ...]:
    assert call.outcome is not None
    assert call.outcome[0] == "error", call.outcome
    return call.outcome[1:]


def test_arguments_come_by_name() -> None:
    def command(ctx: CallContext, body: bytes, headers: Headers) -> list[Any]:
        return [ctx.id, body.decode(), len(headers)]

    call = blocking(command, id=5, data=b"x", headers=[(b"a", b"b")])
    assert call.outcome == ("json", '[5,"x",1]')
    assert call.began


def test_bytes_go_out_as_bytes() -> None:
    def command() -> bytes:
        return b"\x00"

    assert blocking(command).outcome == ("raw", b"\x00")


def test_an_unknown_command_is_named() -> None:
    fake = FakeCall("nobody")
    runner_of(Commands()).run_blocking(cast("Any", fake))
    expected = ("unknown-command", "no python handler `nobody` found", None)
    assert error_of(fake) == expected
    assert not fake.began


def test_a_missing_body_is_an_invalid_argument() -> None:
    def command(body: bytes) -> None:
        raise AssertionError("must not run")

    code, message, _ = error_of(blocking(command))
    assert code == "invalid-argument"
    assert message.startswith("Please use `ArrayBuffer` or `Uint8Array` for `InvokeBody::Raw`. If")
    assert message.endswith("`command` takes one of type `bytes`, and the call had none")


def test_a_body_that_does_not_fit_carries_pydantics_issues(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def command(body: Order) -> None:
        raise AssertionError("must not run")

    code, message, details = error_of(blocking(command, data=b"{}"))
    assert code == "invalid-argument"
    assert message.startswith("1 validation error for Order\ncustomer\n  Field required")
    assert [(i["type"], i["loc"]) for i in details["issues"]] == [("missing", ["customer"])]
    assert caplog.records == []


def test_invoke_exception_gives_its_text_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    def command() -> None:
        raise InvokeException("not today")

    assert error_of(blocking(command))[:2] == ("command-error", "not today")
    assert caplog.records == []


def test_another_exception_gives_its_repr_and_is_logged_with_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def command() -> None:
        raise ValueError("boom", 7)

    assert error_of(blocking(command)) == (
        "command-error",
        "ValueError('boom', 7)",
        {"type": "ValueError"},
    )
    [record] = caplog.records
    assert (record.name, record.levelno) == ("transom.ipc", logging.ERROR)
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_base_exceptions_are_that_calls_error(error: BaseException) -> None:
    def command() -> None:
        raise error

    assert error_of(blocking(command))[:2] == ("command-error", repr(error))


def test_an_exception_whose_repr_fails_is_named_by_its_class() -> None:
    class BrokenError(Exception):
        def __repr__(self) -> str:
            raise RuntimeError

    def command() -> None:
        raise BrokenError

    assert error_of(blocking(command))[1].startswith("<test_an_exception_whose")


def test_a_result_that_does_not_fit_is_that_calls_error(caplog: pytest.LogCaptureFixture) -> None:
    def command() -> int:
        return cast("int", "no number")

    code, message, _ = error_of(blocking(command))
    assert code == "result-not-serializable"
    assert message.startswith("1 validation error for int")
    assert len(caplog.records) == 1


def test_a_call_that_was_cancelled_while_it_waited_never_starts() -> None:
    def command() -> None:
        raise AssertionError("must not run")

    assert blocking(command, may_begin=False).outcome == ("dropped",)


def test_check_ends_a_cancelled_call_without_a_log(caplog: pytest.LogCaptureFixture) -> None:
    def command(ctx: CallContext) -> None:
        ctx.check()

    call = blocking(command, cancelled=True)
    assert error_of(call)[0] == "aborted"
    assert caplog.records == []


def test_clean_up_that_raises_after_a_cancel_is_logged_and_the_call_is_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def command(ctx: CallContext) -> None:
        try:
            ctx.check()
        except Cancelled:
            raise OSError("the lock file is gone") from None

    call = blocking(command, cancelled=True)
    assert error_of(call)[0] == "aborted"
    [record] = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], OSError)


def test_an_error_that_no_cancel_led_to_is_the_calls_own_though_it_was_cancelled() -> None:
    def command() -> None:
        raise OSError("no disk")

    assert error_of(blocking(command, cancelled=True))[:2] == (
        "command-error",
        "OSError('no disk')",
    )


def test_clean_up_that_raises_in_a_task_group_is_of_a_cancelled_call(anyio_backend: str) -> None:
    commands, call = Commands(), FakeCall(cancelled=True)

    @commands.command("command")
    async def command() -> None:
        async def child() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                raise OSError("the lock file is gone")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(child)

    async def main() -> None:
        scope = CancelScope()
        scope.cancel()
        run = runner_of(commands).run
        await run(
            Arrived(cast("Any", call)), scope, anyio.get_cancelled_exc_class(), lambda _: None
        )

    anyio.run(main, backend=anyio_backend)
    assert error_of(call)[0] == "aborted"


def test_cancelled_raised_by_a_command_itself_is_its_error() -> None:
    def command() -> None:
        raise Cancelled

    assert error_of(blocking(command))[:2] == ("command-error", "Cancelled()")


def test_the_end_of_an_async_call(anyio_backend: str) -> None:
    commands, finished, ended = Commands(), list[bool](), list[int]()

    @commands.command()
    async def good(body: int) -> int:
        await anyio.lowlevel.checkpoint()
        return body + 1

    @commands.command()
    async def leaves() -> None:
        sys.exit(2)

    @commands.command()
    async def waits() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            finished.append(True)

    async def main() -> dict[str, Any]:
        runner = runner_of(commands)
        calls = {name: FakeCall(name, data=b"1") for name in commands}
        for name, call in calls.items():
            scope = CancelScope()
            if name == "waits":
                call.cancelled = True
                scope.cancel()
            cancelled = anyio.get_cancelled_exc_class()
            await runner.run(Arrived(cast("Any", call)), scope, cancelled, ended.append)
        return {name: call.outcome for name, call in calls.items()}

    outcomes = anyio.run(main, backend=anyio_backend)
    assert outcomes["good"] == ("json", "2")
    assert outcomes["leaves"][:3] == ("error", "command-error", "SystemExit(2)")
    # Who cancels a call answers it; the runner only gives it up.
    assert outcomes["waits"] == ("dropped",)
    assert (finished, ended) == ([True], [1, 1, 1])


class LengthyError(Exception):
    def __repr__(self) -> str:
        return "x" * 10**6


@pytest.mark.parametrize("error", [InvokeException("x" * 10**6), LengthyError()])
def test_a_page_gets_the_beginning_of_a_long_message(error: Exception) -> None:
    def command() -> None:
        raise error

    _, message, _ = error_of(blocking(command))
    assert message == "x" * 65536 + "… (934464 characters more)"


def test_the_name_of_a_class_is_no_burden_to_the_page_either() -> None:
    kind = type("x" * 10**6, (Exception,), {"__repr__": lambda _: "short"})

    def command() -> None:
        raise kind

    _, message, details = error_of(blocking(command))
    assert (message, details["type"].rpartition("x")[2]) == ("short", "… (934464 characters more)")
