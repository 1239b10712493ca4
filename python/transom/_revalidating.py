"""Validates instances of models and dataclasses once more.

They pass for valid, whether anything has ever validated them: one out of `model_construct()`, one
that was changed, one of a plain dataclass.
"""

from collections.abc import Callable
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

FOR_INPUT = frozenset(
    {"validation_alias", "custom_init", "post_init", "computed_fields", "serialization"}
)
"""What is not for instances that are there: other names, what runs at their making, and output."""
AS_IT_IS = frozenset({"metadata", "default", "expected", "members", "function"})
"""What holds no schemas, though it may look like it."""
BY_NAME = frozenset({"fields", "choices"})
"""What may hold schemas by names that anybody chose."""


def checker_of(adapter: TypeAdapter[Any]) -> Callable[[Any], Any] | None:
    """What validates the fields of instances, too, and gives a copy. It raises `ValidationError`.

    `None`: there are no instances to be, or their classes ask with
    `ConfigDict(revalidate_instances="never")` that nobody does it.
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
    """Makes a pydantic schema by which valid instances are valid again, and no others."""

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
