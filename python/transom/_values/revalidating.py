"""Validates instances of models and dataclasses again, which pydantic would take as valid.

Pydantic takes an instance as valid, even if nothing has ever validated it: one from
`model_construct()`, one that was changed, or one of a plain dataclass.
"""

from collections.abc import Callable
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

FOR_INPUT = frozenset(
    {"validation_alias", "custom_init", "post_init", "computed_fields", "serialization"}
)
"""Keys of a schema that do not apply to existing instances: aliases, construction, output."""
AS_IT_IS = frozenset({"metadata", "default", "expected", "members", "function"})
"""Keys of a schema that hold no schemas, although their values may look like schemas."""
BY_NAME = frozenset({"fields", "choices"})
"""Keys of a schema that may hold schemas under arbitrary names."""


def checker_of(adapter: TypeAdapter[Any]) -> Callable[[Any], Any] | None:
    """The function that also validates the fields of instances, and returns a copy.

    It raises `ValidationError`. `None`: the type has no instances to validate, or their classes
    forbid it with `ConfigDict(revalidate_instances="never")`.
    """
    schema = _Revalidating()
    changed = schema.changed(adapter.core_schema)
    if not schema.has_instances:
        return None
    # Not with the validators that the classes have already, which let instances pass.
    validate = SchemaValidator(changed, _use_prebuilt=False).validate_python

    def check(value: Any) -> Any:
        try:
            return validate(value)
        except ValidationError:
            raise
        except Exception:  # noqa: BLE001 - a validator that is not made for what is valid already
            return value

    return check


class _Revalidating:
    """Changes a pydantic schema so that instances are validated again."""

    def __init__(self) -> None:
        self.has_instances = False

    def changed(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self.changed(it) for it in cast("list[Any]", part)]
        if isinstance(part, tuple):
            return tuple(self.changed(it) for it in cast("tuple[Any, ...]", part))
        if not isinstance(part, dict):
            return part
        schema = cast("dict[str, Any]", part)
        if schema.get("type") == "function-before":
            return self.changed(schema["schema"])  # it is for input
        schema = {k: self._of(k, it) for k, it in schema.items() if k not in FOR_INPUT}
        match schema.get("type"):
            case "model" | "dataclass":
                self._revalidate(schema)
            case "default" if schema.get("default", 0) is None:
                # `name: str = None`, which nothing validates.
                schema["schema"] = {"type": "nullable", "schema": schema["schema"]}
            case "dataclass-args":
                schema["fields"] = [it for it in schema["fields"] if not it.get("init_only")]
            case "model-fields" if schema.get("extra_behavior") == "forbid":
                del schema["extra_behavior"]
            case _:
                pass
        return schema

    def _of(self, key: str, part: Any) -> Any:
        if key in AS_IT_IS:
            return part
        if key in BY_NAME and isinstance(part, dict):
            return {name: self.changed(it) for name, it in cast("dict[Any, Any]", part).items()}
        return self.changed(part)

    def _revalidate(self, schema: dict[str, Any]) -> None:
        config = schema.get("config", {})
        if config.get("revalidate_instances") == "never":
            return
        self.has_instances = True
        schema["revalidate_instances"] = "always"
        if config.get("extra_fields_behavior") == "forbid":
            # What a `cached_property` keeps is there, too.
            schema["config"] = config | {"extra_fields_behavior": "ignore"}
