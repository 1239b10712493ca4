"""Describes the values of annotations by JSON schemas, as they are on the way to and from pages."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from .._values.adapters import adapter_of
from .._windows.channel import JavaScriptChannelId
from .expressions import CHANNEL, GENERIC, Schema, definition_of
from .generics import PARAMETER, Patterns, TypeParameter, variable_of

Field = core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField


class Direction:
    """The schemas of what goes one way: to Python (`validation`) or to pages (`serialization`)."""

    def __init__(self, mode: JsonSchemaMode, patterns: Patterns) -> None:
        self.mode: JsonSchemaMode = mode
        self.definitions: Mapping[str, Schema] = {}
        self.channels: list[Any] = []
        """The annotations of the messages of channels."""
        self._patterns = patterns
        self._adapters: list[TypeAdapter[Any]] = []
        self._schemas: Mapping[tuple[int, JsonSchemaMode], Schema] = {}

    def add(self, annotation: Any) -> int:
        """Has an annotation described. Returns its number."""
        self._adapters.append(adapter_of(annotation, "`body`"))
        return len(self._adapters) - 1

    def describe(self) -> None:
        """Makes the schemas of all annotations at once, so that they share their definitions."""
        models = self._generate([])
        if models:
            # Once more, with what they are without their parts.
            self._generate([it for it in map(self._patterns.of, models) if it is not None])

    def _generate(self, patterns: list[TypeAdapter[Any]]) -> list[Any]:
        """Returns the generic models that are used."""
        self.channels = channels = list[Any]()
        models: dict[str, Any] = {}

        class Generator(_Generator):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.channels, self.models = channels, models

        def numbered(at: int) -> tuple[int, JsonSchemaMode, TypeAdapter[Any]]:
            return at, self.mode, adapters[at]

        adapters = [*self._adapters, *patterns]
        self._schemas, rest = TypeAdapter.json_schemas(
            map(numbered, range(len(adapters))), schema_generator=Generator
        )
        self.definitions = cast("Mapping[str, Schema]", rest.get("$defs", {}))
        return list(models.values())

    def schema(self, number: int) -> Schema:
        """The schema of an annotation."""
        return self._schemas[number, self.mode]


class _Generator(GenerateJsonSchema):
    """Describes what the wire carries: aliases come in, the names of fields go out."""

    channels: list[Any]
    models: dict[str, Any]

    @property
    def by_alias(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether properties have the names of their aliases."""
        return self.mode == "validation" or bool(self._config.serialize_by_alias)

    @by_alias.setter
    def by_alias(self, value: bool) -> None: ...

    def field_is_required(self, field: Field, total: bool) -> bool:
        """A field with a default may be left out by a page, and is always there in a result."""
        required = super().field_is_required(field, total)
        if self.mode == "validation" or field["type"] == "typed-dict-field":
            return required
        return field.get("serialization_exclude_if") is None

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Marks ids of channels with the type of their messages, and generics with their parts."""
        cls: type[Any] = schema["cls"]
        origin, parts = (cls.__pydantic_generic_metadata__[it] for it in ("origin", "args"))
        if issubclass(cls, JavaScriptChannelId):
            if self.mode == "serialization":
                return {"type": "string"}
            self.channels.append((*parts, Any)[0])
            return {"type": "string", CHANNEL: len(self.channels) - 1}
        found = super().model_schema(schema)
        if issubclass(cls, TypeParameter):
            return {**found, PARAMETER: variable_of(cls)}
        if origin is None:
            return found
        of = f"{origin.__module__}.{origin.__qualname__}"
        self.models[of] = origin
        schemas = [self.generate_inner(TypeAdapter(it).core_schema) for it in parts]
        return {**found, GENERIC: {"of": of, "name": origin.__name__, "parts": schemas}}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        """Says nothing of a type that JSON schemas cannot describe."""
        return {}


def alike(one: Mapping[str, Schema], other: Mapping[str, Schema]) -> set[str]:
    """The names of definitions that mean the same in both."""
    same = {name for name in one.keys() & other.keys() if one[name] == other[name]}
    while changed := {name for name in same if not references(one[name]) <= same}:
        same -= changed
    return same


def references(schema: Any) -> set[str]:
    """The names of the definitions that a schema uses."""
    if isinstance(schema, list):
        return {name for it in cast("list[Any]", schema) for name in references(it)}
    if not isinstance(schema, Mapping):
        return set()
    found: set[str] = set()
    for name, value in cast("Schema", schema).items():
        if name == "$ref" and isinstance(value, str):
            found.add(definition_of(value))
        elif name not in ("default", "const", "enum", "examples"):
            found |= references(value)
    return found
