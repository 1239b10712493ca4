"""Runs one call, and turns what it raises into the call's error. Nothing gets past here."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from threading import get_ident
from typing import Any, cast

from anyio import CancelScope
from pydantic import ValidationError

from . import _fork
from ._answers import answer
from ._arguments import ArgumentError, arguments_of
from ._causes import Kinds, only, stopped_by
from ._codec import Handler, InvalidBodyError
from ._contexts import own_decimal
from ._interrupt import Interrupter, here
from ._native import Call
from ._parameters import ParametersType
from ._records import log_error
from ._results import Encoded, ResultError
from ._runtime import Runtime, set_for_call
from ._streams import StreamHandler, wait_in_thread
from ._temporary import folders
from .errors import Cancelled, InvokeException

LookUp = Callable[[str], tuple[ParametersType, Handler]]
"""Finds a command by name. `KeyError`: there is none."""

running = dict[int, Call]()
"""The plain commands that run in this process: by thread, the call."""

TEXT = 1 << 16
"""Characters of a text that nobody chose; pydantic writes one as long as the body is wrong."""
ISSUES = 100
"""How many things that are wrong with a body the page is told, the first ones."""

log = logging.getLogger("transom.ipc")


class Runner:
    """Runs the calls of one registry."""

    def __init__(
        self,
        look_up: LookUp,
        runtime: Runtime,
        interrupter: Callable[[str], Interrupter | None] = lambda _: None,
    ) -> None:
        """`interrupter` gives what interrupts the calls of a command, if anything does."""
        self._look_up = look_up
        self._runtime = runtime
        self._interrupter = interrupter

    async def run(
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
                    if started is not None:
                        answer(call, await cast("Awaitable[Encoded]", started))
                except BaseException as error:
                    # Before the scope looks for its event loop, which a fork does not have.
                    if _fork.forked:
                        _fork.leave(error)
                    raise
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
                folders.remove(call)
                call.finish()
                ended(call.id)

    def run_blocking(self, call: Call) -> None:
        """Runs a plain `def` command on this thread."""
        here.call = running[get_ident()] = call
        try:
            try:
                started = self._start(call, self._interrupter(call.command))
            finally:
                folders.remove(call)
            if started is not None:
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
            return None
        if call.wants_stream is not isinstance(handler, StreamHandler):
            reject_kind(call)
            return None
        if self._runtime.one_of_several:
            set_for_call(self._runtime)
        arguments = arguments_of(call, parameters, self._runtime)
        if not call.begin():  # cancelled while it waited: it never starts
            return None
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


def module_of(handler: Handler) -> str:
    """The module of the app that the command is in."""
    return getattr(getattr(handler, "__wrapped__", handler), "__module__", None) or "__main__"


def reject_kind(call: Call) -> None:
    """Ends a call that wants one value of a stream, or a stream of one value."""
    advice = "returns one value" if call.wants_stream else "is a stream"
    function = "pyInvoke" if call.wants_stream else "pyStream"
    text = f"the command `{call.command}` {advice}: call it with `{function}`"
    call.reject("invalid-argument", text, '{"started": false}')


def fail(call: Call, error: BaseException, cancelled: type[BaseException] = Cancelled) -> None:
    """Ends the call with an error of the code that fits; logs what nobody chose.

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
        call.reject("command-error", f"<{sendable(type(error).__qualname__)}>")


def end(call: Call, error: BaseException, kinds: Kinds) -> None:
    """As `fail`, where the parts of `error` behave."""
    match error:
        case BaseException() if (call.cancelled or call.settled) and stopped_by(kinds, error):
            # The call was answered by who cancelled it: what its clean-up raised has only the log.
            if not only(kinds, error) and not isinstance(error, InvokeException):
                log_exception(call, error)
            call.reject("aborted", "the call was cancelled")
        case InvokeException():
            call.reject("command-error", sendable(chosen(error)))
        case InvalidBodyError():
            details = {"issues": issues_of(error.cause), "started": False}
            call.reject("invalid-argument", shortened(str(error)), json.dumps(details))
        case ArgumentError():
            call.reject("invalid-argument", sendable(str(error)))
        case ResultError():
            log_exception(call, error.__cause__ or error)
            call.reject("result-not-serializable", shortened(str(error)))
        case _:
            if not call.settled:
                log_exception(call, error)
            details = {"type": sendable(type(error).__qualname__)}
            call.reject("command-error", shortened(describe(error)), json.dumps(details))


def chosen(error: InvokeException) -> str:
    """The text for the page, also of a class whose `__init__` does not call that of its base."""
    return str(getattr(error, "value", error))


def issues_of(error: ValidationError) -> list[Any]:
    """What pydantic lists; with what was wrong, where that is short and JSON has a word for it."""
    try:
        text = error.json(include_url=False, include_context=False)
        issues = json.loads(text) if len(text) <= TEXT else without_inputs(error)
        json.dumps(issues, allow_nan=False)
    except ValueError:  # bytes that are no text, infinity, an object that a validator has made
        issues = without_inputs(error)
    return issues[:ISSUES]


def without_inputs(error: ValidationError) -> list[Any]:
    text = error.json(include_url=False, include_context=False, include_input=False)
    return [{**it, "input": None} for it in json.loads(text)[:ISSUES]]


def sendable(text: str) -> str:
    """The text, with what UTF-8 cannot express, half a character, written as `\\ud800`."""
    return text.encode(errors="backslashreplace").decode()


def shortened(text: str) -> str:
    """As `sendable`, of a length that is no burden to the page."""
    left_out = len(text) - TEXT
    return sendable(text if left_out <= 0 else f"{text[:TEXT]}… ({left_out} characters more)")


def describe(error: BaseException) -> str:
    """`repr(error)`, whatever its `__repr__` does."""
    try:
        return repr(error)
    except BaseException:  # noqa: BLE001 - a broken `__repr__` must not break the answer
        return f"<{type(error).__qualname__}>"


def log_exception(call: Call, error: BaseException) -> None:
    """Logs what the command raised. A handler of the log that fails does not cost the answer."""
    try:
        text = "command `%s`, called by window `%s`, raised"
        log_error(log, text, call.command, call.window, error=error)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
