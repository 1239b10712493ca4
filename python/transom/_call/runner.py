"""Runs one call, and turns every exception into the call's error."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from json import dumps, loads
from threading import get_ident
from typing import Any, cast

from anyio import CancelScope
from pydantic import ValidationError

from .. import _fork
from .._app.runtime import Runtime, set_for_call
from .._commands.parameters import ParametersType
from .._native import Call
from .._observe.causes import Kinds, is_a, only, stopped_by
from .._observe.failures import describe, name_of_type, report
from .._values.answers import answer
from .._values.codec import CommandHandler, InvalidBodyError
from .._values.results import Encoded, ResultError
from ..errors import Cancelled, InvokeException
from . import descriptors
from .arguments import ArgumentError, arguments_of
from .contextvars import own_decimal
from .interrupt import Interrupter, here
from .streams import StreamHandler, wait_in_thread
from .temporary import folders

LookUp = Callable[[str], tuple[ParametersType, CommandHandler]]
"""Finds a command by name. Raises `KeyError` if there is none."""

running = dict[int, Call]()
"""The plain commands that run in this process: the call of each thread."""

TEXT = 1 << 16
"""The longest error text, in characters. Pydantic's texts can be as long as the body."""
ISSUES = 100
"""How many errors in a body are reported to the page."""

NOTHING: Any = object()
"""What is there to answer when a call has been answered already, or must not start."""

log = logging.getLogger("transom.ipc")


class Runner:
    """Runs the calls of one registry."""

    def __init__(
        self,
        look_up: LookUp,
        runtime: Runtime,
        interrupter: Callable[[str], Interrupter | None] = lambda _: None,
    ) -> None:
        """`interrupter` provides what interrupts the calls of a command, if anything does."""
        self._look_up = look_up
        self._runtime = runtime
        self._interrupter = interrupter

    async def run(  # noqa: PLR0912 - one coroutine more would cost each call
        self,
        arrival: Awaitable[Call | None],
        scope: CancelScope,
        cancelled: type[BaseException],
        ended: Callable[[int], None],
    ) -> None:
        """Runs the `async def` command of the call that `arrival` brings, inside `scope`, which
        cancels it by raising `cancelled`. `None` instead of a call: there is nothing to run.
        `ended` is told the call's id at the end.
        """
        call: Call | None = None
        try:
            with scope:
                call = await arrival
                if call is None:
                    return
                own_decimal()
                try:
                    started = self._start(call)
                    if started is not NOTHING:
                        answer(call, await cast("Awaitable[Encoded]", started))
                except BaseException as error:
                    # Before the scope looks for its event loop, which a fork does not have.
                    if _fork.forked:
                        _fork.leave(error)
                    raise
                finally:
                    descriptors.check(call.command)
            if scope.cancelled_caught and call is not None and not call.cancelled:
                call.reject("unavailable", "the event loop of this app's commands has ended")
        except cancelled as error:
            # Not ours: the portal ends, or the command cancelled itself.
            if call is not None:
                fail(call, error, cancelled)
            raise
        except BaseException as error:
            if call is None:
                raise
            fail(call, error, cancelled)
        finally:
            if call is not None:
                try:
                    folders.remove(call)
                    call.finish()
                finally:
                    ended(call.id)

    def run_blocking(self, call: Call) -> None:
        """Runs a plain `def` command on this thread."""
        here.call = running[get_ident()] = call
        try:
            try:
                started = self._start(call, self._interrupter(call.command))
            finally:
                descriptors.check(call.command)
                folders.remove(call)
            if started is not NOTHING:
                answer(call, cast("Encoded", started))
        except BaseException as error:  # noqa: BLE001 - contains what the command raised
            fail(call, error)
        finally:
            here.call = None
            running.pop(get_ident(), None)
            call.finish()

    def _start(self, call: Call, interrupter: Interrupter | None = None) -> Any:
        try:
            parameters, handler = self._look_up(call.command)
        except KeyError:
            call.reject("unknown-command", f"no python handler `{call.command}` found")
            return NOTHING
        if call.wants_stream is not isinstance(handler, StreamHandler):
            reject_kind(call)
            return NOTHING
        if self._runtime.one_of_several:
            set_for_call(self._runtime)
        arguments = arguments_of(call, parameters, self._runtime)
        if not call.begin():  # cancelled while it waited: it never starts
            return NOTHING
        if isinstance(handler, StreamHandler) and handler.asynchronous:
            loop = self._runtime.credits
            return handler.run(call, arguments, loop.wait if loop else wait_in_thread)
        if isinstance(handler, StreamHandler):
            work = partial(handler.run_blocking, call, arguments)
        else:
            work = partial(handler, **arguments)
        if interrupter is None:
            return work()
        # From here on, and no earlier: what finds the command and its arguments is not cut.
        return interrupter.run(call, module_of(handler), work)


def module_of(handler: CommandHandler) -> str:
    """The app's module in which the command is defined."""
    return getattr(getattr(handler, "__wrapped__", handler), "__module__", None) or "__main__"


def reject_kind(call: Call) -> None:
    """Ends a call that wants one value of a stream command, or a stream of another command."""
    advice = "returns one value" if call.wants_stream else "is a stream"
    function = "pyInvoke" if call.wants_stream else "pyStream"
    text = f"the command `{call.command}` {advice}: call it with `{function}`"
    call.reject("invalid-argument", text, '{"started": false}')


def fail(call: Call, error: BaseException, cancelled: type[BaseException] = Cancelled) -> None:
    """Ends the call with an error of the matching code, and logs unexpected errors.

    `cancelled` is what a cancel raises where the command ran, beside `Cancelled`. Nothing comes out
    of here, whatever the parts of `error` do: it could end the event loop with all its calls. A
    fork that comes here ends as a Python does that `error` has ended.
    """
    if _fork.forked:
        _fork.leave(error)
    try:
        end(call, error, (Cancelled, cancelled))
    except BaseException as trouble:  # noqa: BLE001
        log_exception(call, trouble)
        end_in_short(call, error)


def end_in_short(call: Call, error: BaseException) -> None:
    """Ends the call with no more than the name of the exception's class."""
    try:
        name = shortened(name_of_type(error))
        call.reject("command-error", f"<{name}>", dumps({"type": name}))
    except BaseException as trouble:  # noqa: BLE001 - `finish` comes after this
        log_exception(call, trouble)


def end(call: Call, error: BaseException, kinds: Kinds) -> None:
    """Does what `fail` does, if the parts of `error` behave."""
    if (call.cancelled or call.settled) and stopped_by(kinds, error):
        # The call was answered by who cancelled it: what its clean-up raised has only the log.
        if not only(kinds, error) and not is_a(error, InvokeException):
            log_exception(call, error)
        call.reject("aborted", "the call was cancelled")
    elif is_a(error, InvokeException):
        call.reject("command-error", shortened(chosen(error)))
    elif is_a(error, InvalidBodyError):
        details = {"issues": issues_of(error.cause), "started": False}
        call.reject("invalid-argument", shortened(str(error)), dumps(details))
    elif is_a(error, ArgumentError):
        call.reject("invalid-argument", shortened(str(error)))
    elif is_a(error, ResultError):
        cause = error.__cause__
        log_exception(call, error if cause is None else cause)
        call.reject("result-not-serializable", shortened(str(error)))
    else:
        if not call.settled:
            log_exception(call, error)
        details = {"type": shortened(name_of_type(error))}
        call.reject("command-error", shortened(describe(error)), dumps(details))


def chosen(error: InvokeException) -> str:
    """The text for the page, also if a subclass does not call its base `__init__`."""
    return str(getattr(error, "value", error))


def issues_of(error: ValidationError) -> list[Any]:
    """The issues that pydantic lists, with the wrong input if that is short and fits into JSON."""
    try:
        text = error.json(include_url=False, include_context=False)
        issues = loads(text) if len(text) <= TEXT else without_inputs(error)
        dumps(issues, allow_nan=False)
    except Exception:  # noqa: BLE001 - infinity, or an object that a validator has made
        issues = without_inputs(error)
    return issues[:ISSUES]


def without_inputs(error: ValidationError) -> list[Any]:
    text = error.json(include_url=False, include_context=False, include_input=False)
    return [{**it, "input": None} for it in loads(text)[:ISSUES]]


def sendable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot express, written as escapes."""
    return str.encode(text, errors="backslashreplace").decode()


def shortened(text: str) -> str:
    """Like `sendable`, shortened so that it is no burden to the page."""
    left_out = len(text) - TEXT
    return sendable(text if left_out <= 0 else f"{text[:TEXT]}… ({left_out} characters more)")


def log_exception(call: Call, error: BaseException) -> None:
    """Logs what the command raised."""
    text = "command `%s`, called by window `%s`, raised"
    report(log, text, call.command, call.window, error=error)
