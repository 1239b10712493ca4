"""Writes models as JSON, for events and channels."""

from pydantic import BaseModel

from .binary import number_of


def json_of(model: BaseModel, /) -> str:
    """The JSON text of a model. A scalar of numpy is written as its number, as in a result."""
    if type(model).model_dump_json is not BaseModel.model_dump_json:
        return model.model_dump_json()  # its author's
    return model.model_dump_json(fallback=number_of)
