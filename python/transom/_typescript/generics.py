"""Finds generic models among definitions, so that `Page[Cat]` is written as `Page<Cat>`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter, create_model

from .expressions import CHANNEL, GENERIC, Expressions, Schema, definition_of

PARAMETER = "x-transom-parameter"
"""Marks what stands for a type variable, with the variable's name."""


class TypeParameter(BaseModel):
    """Stands for a type variable where a generic model is described by itself: in its pattern."""


class Patterns:
    """Makes the pattern of each generic model once, so that both directions have the same."""

    def __init__(self) -> None:
        self._made: dict[Any, TypeAdapter[Any] | None] = {}

    def of(self, model: Any) -> TypeAdapter[Any] | None:
        """The adapter of a generic model of type variables. `None`: it takes only some types."""
        if model not in self._made:
            self._made[model] = self._make(model)
        return self._made[model]

    @staticmethod
    def _make(model: Any) -> TypeAdapter[Any] | None:
        variables = model.__pydantic_generic_metadata__["parameters"]
        marks = tuple(
            create_model(f"{model.__name__}__{it.__name__}", __base__=TypeParameter)
            for it in variables
        )
        try:
            return TypeAdapter(model[marks])
        except Exception:  # noqa: BLE001 - the class is the user's, and may check what it is given
            return None


def variable_of(parameter: type[Any]) -> str:
    """The name of the type variable for which a parameter stands."""
    return parameter.__name__.rpartition("__")[2]


def pattern_names(definitions: Mapping[str, Schema]) -> dict[str, str]:
    """The pattern for each definition of a generic model that can be written by it.

    It can if the pattern, with its own types in the places of the variables, says the same.
    """
    found: dict[str, str] = {}
    for name, schema in definitions.items():
        if is_pattern(definitions, name):
            found[schema[GENERIC]["of"]] = name
    by_pattern = {
        name: found[schema[GENERIC]["of"]]
        for name, schema in definitions.items()
        if GENERIC in schema and schema[GENERIC]["of"] in found
    }
    # One that cannot changes how others are written that contain it.
    while different := [it for it in by_pattern if not _says_the_same(definitions, by_pattern, it)]:
        for name in different:
            del by_pattern[name]
    used = {pattern for name, pattern in by_pattern.items() if name != pattern}
    return {name: pattern for name, pattern in by_pattern.items() if pattern in used}


def declared(definitions: Mapping[str, Schema], patterns: Mapping[str, str]) -> set[str]:
    """The definitions that have a declaration: neither parts of patterns nor written by one."""
    made = {it for it, pattern in patterns.items() if it != pattern}
    unused = {it for it in definitions if is_pattern(definitions, it) and it not in patterns}
    return {
        it
        for it, schema in definitions.items()
        if it not in made | unused and PARAMETER not in schema and CHANNEL not in schema
    }


def name_of(definitions: Mapping[str, Schema], name: str) -> str:
    """What the type of a definition is called: `Page_Cat_` is `Page_Cat`, a pattern is `Page`."""
    if is_pattern(definitions, name):
        return definitions[name][GENERIC]["name"]
    return name.rstrip("_")


def is_pattern(definitions: Mapping[str, Schema], name: str) -> bool:
    """Whether a definition is a generic model of type variables."""
    return GENERIC in definitions[name] and all(parameters(definitions, name))


def parameters(definitions: Mapping[str, Schema], name: str) -> list[str]:
    """The definitions of a pattern's parameters, or a name that is none for what is no pattern."""
    references = (str(it.get("$ref", "")) for it in definitions[name][GENERIC]["parts"])
    names = map(definition_of, references)
    return [it if PARAMETER in definitions.get(it, {}) else "" for it in names]


def _says_the_same(
    definitions: Mapping[str, Schema], by_pattern: Mapping[str, str], name: str
) -> bool:
    pattern = by_pattern[name]
    names = {it: it for it in definitions}
    plain = Expressions(definitions, names, str, by_pattern)
    parts = map(plain.write, definitions[name][GENERIC]["parts"])
    filled = dict(zip(parameters(definitions, pattern), parts, strict=True))
    by_parts = Expressions(definitions, names | filled, str, by_pattern)
    return by_parts.write(definitions[pattern]) == plain.write(definitions[name])
