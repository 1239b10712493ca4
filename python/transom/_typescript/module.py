"""Writes one TypeScript file for all that a registry has: commands, events, functions of pages."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

from .._call.streams import item_type
from .._commands.parameters import ParameterKind
from .._commands.registry import Registry
from .._commands.signatures import signature_of
from .._values.binary import NOTHING, shape_of
from .._values.results import is_ready
from . import errors, events, pages
from .declarations import Declarations
from .expressions import UNKNOWN
from .generics import Patterns
from .names import Names, comment, quoted, to_camel
from .wire import Direction

PACKAGE = "tauri-plugin-transom-api"
HEAD = """\
// Written by `transom types` from the commands of the app. Changes made here are lost.
//
// Integers of 2⁵³ and more are refused on their way to the page: send them as text.

"""


@dataclass(frozen=True)
class Value:
    """A body, a result or an item: bytes, or JSON of this number, or either."""

    bytes: bool
    json: int | None


@dataclass(frozen=True)
class Command:
    """What is known of a command. `None`: it takes no body, or nobody knows what it gives."""

    name: str
    documentation: str
    body: Value | None
    result: Value | None
    stream: bool
    codes: list[str]
    """The error codes that not every command gives."""


class Both(NamedTuple):
    """What comes with an event: to Python, and to pages."""

    sent: Value
    heard: Value


class ExposedFunction(NamedTuple):
    """What is known of a function of a page. `None`: it takes or gives nothing."""

    name: str
    documentation: str
    argument: Value | None
    result: Value | None


class Module:
    """The text of the file, made once of what the registry has then.

    `alias` makes the name of a function out of that of a command. `voids`: functions of commands
    without a body take `undefined` for it all the same, before their options.
    """

    def __init__(
        self, registry: Registry, *, alias: Callable[[str], str] = to_camel, voids: bool = False
    ) -> None:
        self._voids = voids
        patterns = Patterns()
        self._bodies = Direction("validation", patterns)
        self._results = Direction("serialization", patterns)
        self._commands = [self._read(registry, name) for name in registry]
        self._events = {
            it.name: Both(_value(self._bodies, it.payload), _value(self._results, it.payload))
            for it in registry.events.values()
        }
        self._pages = {
            name: (
                inspect.cleandoc(it.described.__doc__ or ""),
                list(map(self._page_function, it.functions)),
            )
            for name, it in registry.pages.items()
        }
        self._bodies.describe()
        messages = [self._results.add(it) for it in self._bodies.channels]
        self._results.describe()

        self._types = Declarations(self._bodies, self._results, messages)
        names = Names()
        self._functions = [names.take(it.name, alias) for it in self._commands]
        # The names of commands and models come first: they stay, whatever else there is.
        self._declared = [
            *self._of_events(self._types.names, names),
            *self._of_pages(self._types.names, names),
            *self._of_errors(self._types.names),
        ]

    def _read(self, registry: Registry, name: str) -> Command:
        parameters, handler = registry.data[name]
        body = next((it for it in parameters.values() if it.kind is ParameterKind.BODY), None)
        function = inspect.unwrap(handler)
        try:
            returns = signature_of(function).return_annotation
        except ValueError:
            returns = inspect.Signature.empty
        item = item_type(returns)
        result = None
        if returns is not inspect.Signature.empty:
            result = _value(self._results, returns if item is None else item)
        return Command(
            name,
            _documentation(function),
            _value(self._bodies, body.annotation) if body else None,
            result,
            item is not None,
            errors.own_codes(registry.options(name)),
        )

    def _page_function(self, function: Any) -> ExposedFunction:
        takes = function.argument is not inspect.Signature.empty
        return ExposedFunction(
            function.name,
            _documentation(function.declared),
            _value(self._results, function.argument) if takes else None,
            None if function.result is None else _value(self._bodies, function.result),
        )

    def _body_of(self, command: Command) -> str | None:
        """The type of the body, if it takes one."""
        if command.body is None:
            return None
        return _type(command.body, self._types.body, "BufferSource")

    def _result_of(self, command: Command) -> str:
        """The type of the result, or of each item."""
        if command.result is None:
            return UNKNOWN
        return _type(command.result, self._types.result, "ArrayBuffer")

    def _function(self, name: str, command: Command) -> str:
        call, promise, options = "pyInvoke", "PyCall", "InvokeOptions"
        if command.stream:
            call, promise, options = "pyStream", "PyStream", "PyStreamOptions"
        body, given = self._body_of(command), "body"
        arguments = f"body: {body}, "
        if body is None:
            arguments, given = ("body?: undefined, ", "body") if self._voids else ("", "undefined")
        said = command.documentation
        if command.codes:
            codes = " or ".join(f"`{it}`" for it in command.codes)
            said = f"{said}\n\n@throws Its errors may also have the code {codes}.".lstrip()
        return (
            f"{comment(said)}"
            f"export function {name}({arguments}options?: python.{options}): "
            f"python.{promise}<{self._result_of(command)}> {{\n"
            f"  return python.{call}({quoted(command.name)}, {given}, options);\n}}\n"
        )

    def functions(self) -> list[tuple[str, Command]]:
        """The commands, with the names of their functions."""
        return list(zip(self._functions, self._commands, strict=True))

    def _of_events(self, types: Names, functions: Names) -> list[str]:
        if not self._events:
            return []
        written = [
            events.EventTypes(name, self._json_result(it.heard), self._json_body(it.sent))
            for name, it in self._events.items()
        ]
        return [events.write(written, types, functions)]

    def _of_pages(self, types: Names, functions: Names) -> list[str]:
        written = list[str]()
        for name, (documentation, described) in self._pages.items():
            members = [
                pages.Function(
                    it.name,
                    it.documentation,
                    None if it.argument is None else self._json_result(it.argument),
                    None if it.result is None else self._json_body(it.result),
                )
                for it in described
            ]
            written.append(pages.write(name, documentation, members, types, functions))
        return written

    def _of_errors(self, types: Names) -> list[str]:
        codes = [(name, it.codes) for name, it in self.functions()]
        return [errors.write(codes, types)] if codes else []

    def _json_result(self, value: Value) -> str:
        return _type(Value(False, value.json), self._types.result, "")

    def _json_body(self, value: Value) -> str:
        return _type(Value(False, value.json), self._types.body, "")

    def write(self) -> str:
        """The text of the file."""
        imports = [f'import * as python from "{PACKAGE}";\n']
        if self._events:
            imports.insert(0, f'import * as tauri from "{events.PACKAGE}";\n')
        if self._bodies.channels:
            imports.insert(0, 'import type * as pages from "@tauri-apps/api/core";\n')
        functions = [self._function(name, command) for name, command in self.functions()]
        parts = [*functions, *self._declared, *self._types.write()]
        return HEAD + "\n".join(["".join(imports), *parts])


def _documentation(function: Any) -> str:
    """The docstring. That of `partial` says nothing of the command."""
    while isinstance(function, partial):
        function = cast("partial[Any]", function).func
    return inspect.getdoc(function) or ""


def _type(value: Value, write: Callable[[int], str], binary: str) -> str:
    members = [binary] if value.bytes else []
    if value.json is not None:
        written = write(value.json)
        if written == UNKNOWN:
            return UNKNOWN
        members.append(written)
    return " | ".join(members)


def _value(direction: Direction, annotation: Any) -> Value:
    if is_ready(annotation):
        return Value(False, direction.add(Any))
    shape = shape_of(annotation)
    return Value(
        shape.bytes is not None, None if shape.rest is NOTHING else direction.add(shape.rest)
    )
