"""Finds out which arguments a command asks for, by the names and annotations of its parameters."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, get_args, get_origin

from .._call.context import CallContext
from .._native import AppHandle
from .._values.binary import NOTHING, shape_of
from ..webview import WebviewWindow
from .signatures import signature_of

Headers = list[tuple[bytes, bytes]]
"""Header names in lower case, and their values, joined by commas where a name had several.

Text is UTF-8. The webview's own headers are among them.
"""

KNOWN = ("body", "app_handle", "webview_window", "headers")


class State:
    """Marks a parameter as state: `Annotated[T, State()]`, given to the app by `Manager.manage`."""

    def __repr__(self) -> str:
        return "State()"


class ParameterKind(Enum):
    """The source of an argument."""

    BODY = auto()
    APP_HANDLE = auto()
    WEBVIEW_WINDOW = auto()
    HEADERS = auto()
    STATE = auto()
    CONTEXT = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command."""

    kind: ParameterKind
    annotation: Any
    either: bool = False
    """Whether the body may be bytes as well as JSON. The command is told which of them it is."""


ParametersType = Mapping[str, Parameter]
"""A command's parameters by name."""


def parse_parameters(func: Callable[..., Any], /) -> dict[str, Parameter]:
    """Finds the parameters of `func`. `ValueError` says what is wrong with them."""
    return {name: _parse(name, p) for name, p in signature_of(func).parameters.items()}


def _parse(name: str, parameter: inspect.Parameter) -> Parameter:
    annotation = parameter.annotation
    allowed = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if name in KNOWN or annotation is CallContext:
        if parameter.kind not in allowed:
            raise ValueError(
                f"Expected `{name}` to be KEYWORD parameter, "
                f"but got `{parameter.kind.name}` parameter"
            )
        return _known(name, annotation)
    if get_origin(annotation) is Annotated and parameter.kind in allowed:
        return _state(name, annotation)
    raise ValueError(
        f"Unexpected parameter `{name}`, expected one of {KNOWN} "
        "or `<class 'typing.Annotated'>` or a parameter annotated `CallContext`"
    )


def _known(name: str, annotation: Any) -> Parameter:
    if annotation is CallContext:
        return Parameter(ParameterKind.CONTEXT, annotation)
    if name == "body":
        if annotation is inspect.Parameter.empty:
            raise ValueError("Expected `body` to have type annotation, but got empty")
        shape = shape_of(annotation)
        either = shape.bytes is not None and shape.rest is not NOTHING
        return Parameter(ParameterKind.BODY, annotation, either)
    kind, expected = {
        "app_handle": (ParameterKind.APP_HANDLE, AppHandle),
        "webview_window": (ParameterKind.WEBVIEW_WINDOW, WebviewWindow),
        "headers": (ParameterKind.HEADERS, Headers),
    }[name]
    if annotation != expected:
        raise ValueError(f"Expected `{name}` to be `{expected}`, but got `{annotation}`")
    return Parameter(kind, annotation)


def _state(name: str, annotation: Any) -> Parameter:
    cls, *marks = get_args(annotation)
    if not isinstance(cls, type) or not any(isinstance(mark, State) for mark in marks):
        raise ValueError(
            f"Expected `{name}` to be `typing.Annotated[type[Any], {State()!r}]`, "
            f"but got `{annotation}`"
        )
    return Parameter(ParameterKind.STATE, cls)
