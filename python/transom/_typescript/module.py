"""Writes one TypeScript file for all commands of a registry: a function for each, and its types."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from .._call.streams import item_type
from .._commands.parameters import ParameterKind
from .._commands.registry import Registry
from .._commands.signatures import signature_of
from .._values.binary import NOTHING, shape_of
from .expressions import CHANNEL, UNKNOWN, Expressions, Schema
from .names import Names, comment, quoted, to_camel
from .wire import Direction, alike

TypeNames = dict[str, str]
"""The names of types by those of their definitions."""
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


class Module:
    """The text of the file, made once of what the registry has then.

    `alias` makes the name of a function out of that of a command. `voids`: functions of commands
    without a body take `undefined` for it all the same, before their options.
    """

    def __init__(
        self, registry: Registry, *, alias: Callable[[str], str] = to_camel, voids: bool = False
    ) -> None:
        self._voids = voids
        self._channels: list[Any] = []
        self._bodies = Direction("validation", self._channels)
        self._results = Direction("serialization", self._channels)
        self._commands = [self._read(registry, name) for name in registry]
        self._bodies.describe()
        messages = [self._results.add(it) for it in self._channels]
        self._results.describe()

        names = Names()
        # First, for they are called by hand.
        functions = Names()
        self._functions = [functions.take(it.name, alias) for it in self._commands]
        bodies, results = self._bodies.definitions, self._results.definitions
        self._shared = {name for name in alike(bodies, results) if CHANNEL not in bodies[name]}
        shared = {it: names.take(it) for it in sorted(self._shared)}

        def named(these: Mapping[str, Schema], others: Mapping[str, Schema], end: str) -> TypeNames:
            own = [it for it in these if it not in shared and CHANNEL not in these[it]]
            taken = {it: names.take(it.rstrip("_") + end * (it in others)) for it in own}
            return shared | taken

        def message(channel: int) -> str:
            return self._out.write(self._results.schema(messages[channel]))

        self._in_names = named(bodies, results, "Input")
        self._out_names = named(results, bodies, "Output")
        self._in = Expressions(bodies, self._in_names, message)
        self._out = Expressions(results, self._out_names, message)

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
        )

    def _body_of(self, command: Command) -> str | None:
        """The type of the body, if it takes one."""
        if command.body is None:
            return None
        return self._type(command.body, self._bodies, self._in, "BufferSource")

    def _result_of(self, command: Command) -> str:
        """The type of the result, or of each item."""
        if command.result is None:
            return UNKNOWN
        return self._type(command.result, self._results, self._out, "ArrayBuffer")

    @staticmethod
    def _type(value: Value, direction: Direction, expressions: Expressions, binary: str) -> str:
        members = [binary] if value.bytes else []
        if value.json is not None:
            written = expressions.write(direction.schema(value.json))
            if written == UNKNOWN:
                return UNKNOWN
            members.append(written)
        return " | ".join(members)

    def _function(self, name: str, command: Command) -> str:
        call, promise, options = "pyInvoke", "PyCall", "InvokeOptions"
        if command.stream:
            call, promise, options = "pyStream", "PyStream", "PyStreamOptions"
        body, given = self._body_of(command), "body"
        arguments = f"body: {body}, "
        if body is None:
            arguments, given = ("body?: undefined, ", "body") if self._voids else ("", "undefined")
        return (
            f"{comment(command.documentation)}"
            f"export function {name}({arguments}options?: python.{options}): "
            f"python.{promise}<{self._result_of(command)}> {{\n"
            f"  return python.{call}({quoted(command.name)}, {given}, options);\n}}\n"
        )

    def functions(self) -> list[tuple[str, Command]]:
        """The commands, with the names of their functions."""
        return list(zip(self._functions, self._commands, strict=True))

    def write(self) -> str:
        """The text of the file."""
        functions = [self._function(name, command) for name, command in self.functions()]
        types = [self._in.declare(it) for it in self._in_names]
        types += [self._out.declare(it) for it in self._out_names if it not in self._shared]
        channels = 'import type * as pages from "@tauri-apps/api/core";\n' if self._channels else ""
        imports = f'{channels}import * as python from "{PACKAGE}";\n'
        return HEAD + "\n".join([imports, *functions, *types])


def _documentation(function: Any) -> str:
    """The docstring. That of `partial` says nothing of the command."""
    while isinstance(function, partial):
        function = cast("partial[Any]", function).func
    return inspect.getdoc(function) or ""


def _value(direction: Direction, annotation: Any) -> Value:
    shape = shape_of(annotation)
    return Value(
        shape.bytes is not None, None if shape.rest is NOTHING else direction.add(shape.rest)
    )
