"""Provides the arguments that a command gets for one call."""

from contextlib import suppress
from inspect import formatannotation
from typing import Any

from .._app.runtime import Runtime
from .._commands.parameters import Parameter, ParameterKind, ParametersType
from .._native import AppHandle, Call, Manager, WebviewWindow
from .._values.codec import RawBody
from ..errors import TransomError, WindowClosed
from .context import CallContext
from .temporary import folders


class ArgumentError(TransomError):
    """An argument of the command cannot be provided. The text says which one and why."""


def arguments_of(call: Call, parameters: ParametersType, runtime: Runtime) -> dict[str, Any]:
    """The arguments for the command of `call`. `ArgumentError` if one cannot be provided."""
    if len(parameters) == 1 and "body" in parameters:  # the usual case
        return {"body": _body(parameters["body"], call)}
    return {name: _argument(name, p, call, runtime) for name, p in parameters.items()}


def _argument(name: str, parameter: Parameter, call: Call, runtime: Runtime) -> Any:
    match parameter.kind:
        case ParameterKind.BODY:
            return _body(parameter, call)
        case ParameterKind.APP_HANDLE:
            return _scoped_handle(name, call, runtime)
        case ParameterKind.CONTEXT:
            folders.admit(call)
            return CallContext(call, runtime)
        case ParameterKind.HEADERS:
            return call.headers
        case ParameterKind.WEBVIEW_WINDOW:
            return _own_window(name, call, runtime)
        case ParameterKind.STATE:
            app = _app_handle(name, runtime)
            value = runtime.host.state(app, call, parameter.annotation)
            if value is None:
                raise ArgumentError(
                    f"state `{parameter.annotation}` not managed for field `{name}`. "
                    "You must call `.manage()` before using this command"
                )
            return value


def _body(parameter: Parameter, call: Call) -> bytes | RawBody:
    is_raw = parameter.either and call.is_raw
    body = call.body()
    if body is None:
        wanted = formatannotation(parameter.annotation)
        # The first sentence is what apps know from PyTauri.
        raise ArgumentError(
            "Please use `ArrayBuffer` or `Uint8Array` for `InvokeBody::Raw`. If you are using "
            f"`pyInvoke`, pass a body as its second argument: `{call.command}` takes one of type "
            f"`{wanted}`, and the call had none"
        )
    return RawBody(body) if is_raw else body


def _own_window(name: str, call: Call, runtime: Runtime) -> WebviewWindow:
    with suppress(WindowClosed):
        window = Manager.get_webview_window(_scoped_handle(name, call, runtime), call.window)
        if window is not None:
            return window
    raise ArgumentError(f"the window `{call.window}` that called is gone")


def _scoped_handle(name: str, call: Call, runtime: Runtime) -> AppHandle:
    app = _app_handle(name, runtime)
    return runtime.host.app_handle(app, call)


def _app_handle(name: str, runtime: Runtime) -> AppHandle:
    if runtime.app_handle is None:
        raise ArgumentError(
            f"`{name}` cannot be had: this app does not run on Tauri's own runtime `Wry`, "
            "which the Python classes wrap"
        )
    return runtime.app_handle
