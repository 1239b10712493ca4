"""Makes pydantic type adapters for annotations."""

from typing import Any

from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation


def adapter_of(annotation: Any, what: str) -> TypeAdapter[Any]:
    """The adapter of an annotation, with all types resolved. `ValueError`: pydantic cannot take it.

    `what` is the part of the signature that has the annotation.
    """
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        if not adapter.pydantic_complete:
            adapter.rebuild(raise_errors=True)
    except PydanticUndefinedAnnotation as error:
        raise ValueError(
            f"`{annotation}`, the {what} type annotation, uses the name `{error.name}`, which is "
            "not defined: define it before the command, or call `model_rebuild()` of the model "
            "that uses it."
        ) from error
    except PydanticUserError as error:
        text = (
            f"Failed to convert `{annotation}` type to pydantic Model, "
            f"please explicitly use BaseModel or bytes as {what} type annotation instead."
        )
        # The other errors say what to write, as of a `TypedDict` on Python before 3.12.
        if not isinstance(error, PydanticSchemaGenerationError):
            text += f" {error.message}"
        raise ValueError(text) from error
    return adapter
