"""Exports commands, events and channels, and defines `Invoke`, for handlers of the app's own."""

from collections.abc import Mapping
from typing import Any, cast

from anyio import get_cancelled_exc_class

from ._app.runtime import current
from ._call.arguments import ArgumentError, arguments_of
from ._call.context import CallContext
from ._call.runner import fail, reject_kind
from ._call.streams import StreamHandler, wait_in_thread
from ._commands.commands import Commands
from ._commands.parameters import Headers, Parameter, ParameterKind, ParametersType, State
from ._exported import claim as _claim
from ._native import AppHandle, Call, Webview, WebviewWindow
from ._values.answers import answer
from ._values.codec import CommandHandler
from ._values.results import Encoded, ResultError
from ._windows.channel import Channel, JavaScriptChannelId
from ._windows.page_functions import PageFunctions
from ._windows.typed_event import TypedEvent
from .errors import InvokeException

ArgumentsType = dict[str, Any]
"""The arguments of a command by name; `body` is bytes."""
ResolvedArgumentsType = ArgumentsType


class _Answerable:
    """A call that can be answered once."""

    _call: Call | None

    def _take(self) -> Call:
        call, self._call = self._call, None
        if call is None:
            raise RuntimeError("Already consumed")
        return call

    def resolve(self, value: str | bytes, /) -> None:
        """Answers with JSON text (`str`) or bytes.

        Raises:
            ValueError: A page could not read the text; the call can still be rejected.
        """
        call = self._take()
        try:
            answer(call, value)
        except ResultError as error:
            self._call = call
            raise ValueError(f"`value` must be JSON text: {error}") from None

    def reject(self, value: str, /) -> None:
        """Rejects the page's promise with a text."""
        self._take().reject("command-error", value)


class Invoke(_Answerable):
    """One call, for a handler of one's own: `build(invoke_handler=my_handler)`.

    Resolve or reject it once; `RuntimeError("Already consumed")` after that. The handler is
    called on a thread of the app's own and must not block.
    """

    def __init__(self, call: Call, /) -> None:
        self._call = call
        self._command = call.command

    @property
    def command(self) -> str:
        """The command's name."""
        return self._command

    def bind_to(self, parameters: ParametersType | Mapping[str, Any], /) -> "InvokeResolver | None":
        """Resolves the arguments. `None`: one cannot be provided, and the call was rejected.

        `parameters` are those of a command, as `Commands` holds them, or just keys: of `body`,
        `app_handle`, `webview_window` and `headers`, with any value, and `states`, a mapping of
        names to classes. `arguments["states"]` then has their instances by these names.

        Raises:
            TypeError: There is no argument of such a name.
        """
        given, states = _named(parameters)
        call = self._take()
        try:
            arguments = arguments_of(call, given, current())
            if states is not None:
                arguments["states"] = arguments_of(call, states, current())
        except ArgumentError as error:
            fail(call, error)
            return None
        if not call.begin():
            call.finish()
            return None
        return InvokeResolver(call, arguments)

    async def run(self, parameters: ParametersType, handler: CommandHandler) -> None:
        """Runs an async command for this call."""
        resolver = self._bind(parameters, handler)
        if resolver is not None:
            await resolver.run(handler)

    def run_blocking(self, parameters: ParametersType, handler: CommandHandler) -> None:
        """Runs a plain command for this call."""
        resolver = self._bind(parameters, handler)
        if resolver is not None:
            resolver.run_blocking(handler)

    def _bind(self, parameters: ParametersType, handler: CommandHandler) -> "InvokeResolver | None":
        call = self._call
        if call and call.wants_stream is not isinstance(handler, StreamHandler):
            reject_kind(self._take())
            return None
        return self.bind_to(parameters)


_KINDS = {
    "body": ParameterKind.BODY,
    "app_handle": ParameterKind.APP_HANDLE,
    "webview_window": ParameterKind.WEBVIEW_WINDOW,
    "headers": ParameterKind.HEADERS,
}


def _named(parameters: Mapping[str, Any]) -> tuple[ParametersType, ParametersType | None]:
    """The parameters, also of those that are just named, and those of `states`."""
    found, states = dict[str, Parameter](), None
    for name, value in parameters.items():
        if isinstance(value, Parameter):
            found[name] = value
        elif name in _KINDS:
            found[name] = Parameter(_KINDS[name], Any)
        elif name == "states":
            states = {key: Parameter(ParameterKind.STATE, cls) for key, cls in value.items()}
        else:
            raise TypeError(
                f"a call has no argument `{name}`: there are {', '.join(_KINDS)} and `states`"
            )
    return found, states


class InvokeResolver(_Answerable):
    """A call with its arguments. Resolve or reject it once."""

    def __init__(self, call: Call, arguments: ResolvedArgumentsType) -> None:
        self._call = call
        self.arguments = arguments

    async def run(self, handler: CommandHandler) -> None:
        """Runs an async command with the arguments, and answers with what it returns."""
        call = self._take()
        try:
            if isinstance(handler, StreamHandler):
                running = handler.run(call, self.arguments, wait_in_thread)
            else:
                running = cast("Any", handler(**self.arguments))
            answer(call, await running)
        except BaseException as error:  # noqa: BLE001 - contains what the command raised
            fail(call, error, get_cancelled_exc_class())

    def run_blocking(self, handler: CommandHandler) -> None:
        """Runs a plain command with the arguments, and answers with what it returns."""
        call = self._take()
        try:
            if isinstance(handler, StreamHandler):
                result = handler.run_blocking(call, self.arguments)
            else:
                result = cast("Encoded", handler(**self.arguments))
            answer(call, result)
        except BaseException as error:  # noqa: BLE001 - contains what the command raised
            fail(call, error)


__all__ = [
    "AppHandle",
    "ArgumentsType",
    "CallContext",
    "Channel",
    "Commands",
    "Headers",
    "Invoke",
    "InvokeException",
    "InvokeResolver",
    "JavaScriptChannelId",
    "PageFunctions",
    "Parameter",
    "ParametersType",
    "ResolvedArgumentsType",
    "State",
    "TypedEvent",
    "Webview",
    "WebviewWindow",
]

_claim(globals())
