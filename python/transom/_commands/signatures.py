"""Reads the signatures of functions, with resolved annotations, and checks their arguments."""

import contextlib
import functools
import inspect
import sys
import typing
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar, Union, cast


def name_of(func: Callable[..., Any]) -> str:
    """The name of a callable, for messages. Not every callable has a name."""
    return getattr(func, "__qualname__", None) or repr(func)


def signature_of(func: Callable[..., Any]) -> inspect.Signature:
    """The signature with its annotations evaluated, also text inside others (`list["Person"]`).

    Names are looked for in the module of the function and in its closure. `ValueError`: one cannot
    be found, or `func` has no signature.
    """
    try:
        signature = _signature_as_written(func)
        names = _names_of(func)
        parameters = [
            it.replace(annotation=_resolved(it.annotation, *names))
            for it in signature.parameters.values()
        ]
        returns = _resolved(signature.return_annotation, *names)
    except TypeError as error:
        raise ValueError(f"`{name_of(func)}` has no signature: {error}") from error
    except _UnresolvedError as error:
        raise ValueError(
            f"The annotations of `{name_of(func)}` cannot be evaluated: {error}. "
            "Define or import the name in the module before the function, not inside a function or "
            "`if TYPE_CHECKING:`."
        ) from error
    return signature.replace(parameters=parameters, return_annotation=returns)


def _signature_as_written(func: Callable[..., Any]) -> inspect.Signature:
    """The signature, whatever its annotations name.

    From Python 3.14 they are evaluated by whoever asks for them, and raise what they raise. What
    cannot be evaluated is here as a `ForwardRef`.
    """
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 - of 3.14

        try:
            return inspect.signature(func, annotation_format=annotationlib.Format.FORWARDREF)
        except (TypeError, ValueError):
            raise
        except Exception as error:
            raise _UnresolvedError(str(error)) from error
    return inspect.signature(func)


class _UnresolvedError(Exception):
    """An annotation, or a part of it, is text that does not name anything."""


def _names_of(func: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The names that the annotations of `func` may use, from its module and its closure."""
    base = _innermost(func)
    found = getattr(base, "__globals__", None)
    if found is None:
        found = vars(sys.modules.get(base.__module__, SimpleNamespace()))
    local = {it.__name__: it for it in getattr(base, "__type_params__", ())}
    # From Python 3.14 annotations are a function with a closure of its own.
    for holder in (base, getattr(base, "__annotate__", None)):
        code = getattr(holder, "__code__", None)
        for name, cell in zip(getattr(code, "co_freevars", ()), _cells(holder), strict=False):
            try:
                local[name] = cell.cell_contents
            except ValueError:
                continue  # it is not assigned yet
    return found, local


def _cells(holder: Any) -> tuple[Any, ...]:
    return getattr(holder, "__closure__", None) or ()


def _innermost(func: Any) -> Any:
    """The function whose annotations `inspect.signature` reads."""
    while True:
        if isinstance(func, functools.partial):
            func = cast("functools.partial[Any]", func).func
        elif inspect.ismethod(func):
            func = func.__func__
        elif hasattr(func, "__wrapped__"):
            func = func.__wrapped__
        elif not inspect.isroutine(func) and not inspect.isclass(func):
            func = type(func).__call__
        else:
            return func


def _resolved(annotation: Any, found: dict[str, Any], local: dict[str, Any]) -> Any:
    if annotation is inspect.Parameter.empty:
        return annotation
    holder = SimpleNamespace(__annotations__={"it": annotation})
    try:
        hints = typing.get_type_hints(holder, found, local, include_extras=True)
    except Exception as error:
        raise _UnresolvedError(str(error)) from error
    return _bound(hints["it"])


def _bound(annotation: Any) -> Any:
    """`annotation`, with its type variables replaced by what they are bound to."""
    if isinstance(annotation, TypeVar):
        if annotation.__bound__ is not None:
            return annotation.__bound__
        # Their number is known here only.
        constraints = annotation.__constraints__
        return Union[constraints] if constraints else annotation  # noqa: UP007
    variables = getattr(annotation, "__parameters__", ())
    bounds = tuple(map(_bound, variables))
    return annotation[bounds] if bounds != tuple(variables) else annotation


# How it is called.


def is_coroutine_function(func: Callable[..., Any]) -> bool:
    """Whether calling `func` returns a coroutine or an async generator."""
    call = getattr(func, "__call__", None)  # noqa: B004 - the method, not whether there is one
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    return any(kind(it) for kind in kinds for it in (func, call))


def hides_coroutine(func: Any) -> bool:
    """Whether `func` is a plain `def` that a decorator has put around an `async def`."""
    if is_coroutine_function(func):
        return False
    while (func := getattr(func, "__wrapped__", None)) is not None:
        if is_coroutine_function(func):
            return True
    return False


def check_decorators(func: Any) -> None:
    """Raises `ValueError` if a decorator of Python's own makes each call of `func` fail."""
    if getattr(func, "__globals__", None) is vars(contextlib):
        raise ValueError(
            f"`{name_of(func)}` is a context manager, which no page can enter. Take the decorator "
            "away to stream what it yields, or enter it in a command: "
            f"`with {func.__name__}(): …`."
        )
    if getattr(func, "__globals__", None) is vars(functools) and hasattr(func, "registry"):
        raise ValueError(
            f"`{name_of(func)}` is a `singledispatch` function, which chooses by an argument "
            "without a name, and commands get theirs by name. Call it in a command: "
            f"`return {func.__name__}(body)`."
        )


def check_callback(func: Any, what: str, *arguments: str) -> None:
    """Checks a function that will be called with these arguments, and not awaited.

    Raises:
        TypeError: It cannot be called.
        ValueError: It is an `async def`, or does not take these arguments.
    """
    if not callable(func):
        raise TypeError(f"{what} must be a function, got {func!r}")
    if is_coroutine_function(func) or hides_coroutine(func):
        raise ValueError(
            f"{what} is an `async def`, which nobody would await: `{name_of(func)}`. Write a plain "
            "`def`; what is to be awaited it can start by `portal.start_task_soon(…)`."
        )
    check_arguments(func, what, *arguments)


def check_arguments(func: Callable[..., Any], what: str, *arguments: str) -> None:
    """Raises `ValueError` if `func` cannot be called with these arguments."""
    try:
        signature = _signature_as_written(func)
    except (TypeError, ValueError, _UnresolvedError):
        return  # some of those in C do not tell
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise ValueError(
            f"{what} is called as `{name_of(func)}({', '.join(arguments)})`, which it cannot be: "
            f"{error}"
        ) from error
