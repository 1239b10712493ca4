"""Writes JSON schemas, as pydantic makes them, as TypeScript types."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from .names import comment, key, quoted

Schema = Mapping[str, Any]
UNKNOWN = "unknown"
PLAIN = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}
SAFE = 2**53
"""Integers from here on are not exact in JavaScript."""
CHANNEL = "x-transom-channel"
"""Marks the id of a channel: the number of the annotation of its messages."""
GENERIC = "x-transom-generic"
"""Marks a model with parts, like `Page[Cat]`: which one it is, and the schemas of its parts."""


class Expressions:
    """Writes types.

    `names` are those of the `definitions`; `message` gives the type of a channel's messages;
    `patterns` are the definitions by which others are written, as `Page<T>` for `Page[Cat]`.
    """

    def __init__(
        self,
        definitions: Mapping[str, Schema],
        names: Mapping[str, str],
        message: Callable[[int], str],
        patterns: Mapping[str, str],
    ) -> None:
        self._definitions = definitions
        self._names = names
        self._message = message
        self._patterns = patterns
        # What a schema has of these says it all. In this order.
        self._by_word: Mapping[str, Callable[[Schema], str]] = {
            CHANNEL: self._channel_of,
            "$ref": self._reference,
            "const": lambda it: literal(it["const"]),
            "enum": lambda it: union(map(literal, it["enum"])),
            "anyOf": lambda it: union(map(self.write, it["anyOf"])),
            "oneOf": lambda it: union(map(self.write, it["oneOf"])),
            "allOf": self._all_of,
        }
        self._by_type: Mapping[str, Callable[[Schema], str]] = {
            "array": self._array,
            "object": self._object,
        }

    def write(self, schema: Schema | bool) -> str:
        """The type that a schema describes."""
        if isinstance(schema, bool):
            return UNKNOWN if schema else "never"
        for word, write in self._by_word.items():
            if word in schema:
                return write(schema)
        kind = schema.get("type")
        if isinstance(kind, list):
            kinds = cast("list[str]", kind)
            return union(self.write({**schema, "type": it}) for it in kinds)
        return self._by_type.get(str(kind), lambda _: PLAIN.get(str(kind), UNKNOWN))(schema)

    def _channel_of(self, schema: Schema) -> str:
        return f"pages.Channel<{self._message(schema[CHANNEL])}>"

    def _reference(self, schema: Schema) -> str:
        name = definition_of(schema["$ref"])
        definition = self._definitions[name]
        if CHANNEL in definition:
            return self._channel_of(definition)
        if name not in self._patterns:
            return self._names[name]
        return self._names[self._patterns[name]] + self._parts(definition)

    def _parts(self, definition: Schema) -> str:
        return f"<{', '.join(map(self.write, definition[GENERIC]['parts']))}>"

    def _all_of(self, schema: Schema) -> str:
        parts = (grouped(self.write(it)) for it in cast("list[Schema]", schema["allOf"]))
        return " & ".join(dict.fromkeys(parts))

    def declare(self, definition: str) -> str:
        """The declaration of a definition's type."""
        name, schema = self._names[definition], self._definitions[definition]
        if definition in self._patterns:
            name += self._parts(schema)
        text = comment(documented(schema))
        if schema.get("type") == "object" and schema.get("properties"):
            return f"{text}export interface {name} {self._object(schema)}\n"
        return f"{text}export type {name} = {self.write(schema)};\n"

    def _array(self, schema: Schema) -> str:
        first = cast("list[Schema]", schema.get("prefixItems", []))
        most = schema.get("maxItems")
        least = cast("int", schema.get("minItems", 0))
        rest = schema.get("items", True)
        items = [
            self.write(it) if at < least else f"{grouped(self.write(it))}?"
            for at, it in enumerate(first)
        ]
        if not first:
            return "[]" if most == 0 else f"{grouped(self.write(rest))}[]"
        if most != len(first) and rest is not False:
            items.append(f"...{grouped(self.write(rest))}[]")
        return f"[{', '.join(items)}]"

    def _object(self, schema: Schema) -> str:
        properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
        others = schema.get("additionalProperties", None if properties else True)
        keys = cast("Schema", schema.get("propertyNames", {}))
        if not properties and isinstance(others, Mapping) and ("$ref" in keys or "enum" in keys):
            return f"{{ [key in {self.write(keys)}]?: {self.write(cast('Schema', others))} }}"
        if patterns := schema.get("patternProperties"):
            others = {"anyOf": list(cast("Mapping[str, Schema]", patterns).values())}
        if not properties:
            value = UNKNOWN if isinstance(others, bool) else self.write(cast("Schema", others))
            return f"{{ [key: string]: {value} }}"
        required = frozenset(cast("list[str]", schema.get("required", [])))
        lines = ["{\n"]
        for name, inner in properties.items():
            lines.append(comment(documented(inner), "  "))
            mark = "" if name in required else "?"
            lines.append(f"  {key(name)}{mark}: {self.write(inner)};\n")
        if others:
            # Declared properties are of other types, and must fit it.
            lines.append(f"  [key: string]: {UNKNOWN};\n")
        return f"{''.join(lines)}}}"


def definition_of(reference: str) -> str:
    """The name of the definition to which a `$ref` leads."""
    return reference.rpartition("/")[2]


def literal(value: Any) -> str:
    """The type of one value of JSON."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict | list):
        return UNKNOWN
    return json.dumps(value)


def union(types: Iterable[str]) -> str:
    """Either of these types."""
    members = list(dict.fromkeys(types))
    return UNKNOWN if UNKNOWN in members else " | ".join(members) or "never"


def grouped(written: str) -> str:
    """A type as a part of another one."""
    return f"({written})" if " | " in written or " & " in written else written


def documented(schema: Schema) -> str:
    """What the comment of a type or a property says."""
    lines: list[str] = []
    if isinstance(text := schema.get("description"), str):
        lines.append(text)
    if schema.get("type") == "integer" and any(
        abs(schema.get(bound, 0)) >= SAFE for bound in ("minimum", "maximum")
    ):
        lines.append("Integers of 2⁵³ and more are not exact in JavaScript, and are refused.")
    if "default" in schema and "$ref" not in schema and schema["default"] is not None:
        lines.append(f"@defaultValue `{json.dumps(schema['default'], ensure_ascii=False)}`")
    if schema.get("deprecated"):
        lines.append("@deprecated")
    return "\n".join(lines)
