"""What the commands give."""

from pydantic import BaseModel


class Answer(BaseModel):
    text: str
