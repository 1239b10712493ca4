"""Results that a command has written as JSON itself."""

from typing import Any, Self, cast


class JsonText(str):
    """JSON that is ready: the result of a command, or each item of a stream, as text.

    A page gets the value. The text is sent as it is, neither parsed nor written again, which counts
    for tables: `JsonText(frame.to_json(orient="records"))`, `JsonText(orjson.dumps(rows))`.

    A text that is no JSON, or has NaN, or an integer that JavaScript would round, ends the call
    with `result-not-serializable`. As a part of another type, or as a body, it raises `ValueError`
    when the command is registered.
    """

    __slots__ = ()

    def __new__(cls, text: str | bytes | bytearray | memoryview = "null") -> Self:
        """`text`: bytes are UTF-8, else `UnicodeDecodeError`."""
        return super().__new__(cls, text if isinstance(text, str) else str(text, "utf-8"))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuses to be a part of a value that pydantic writes or reads."""
        raise ValueError(
            "`JsonText` is a whole result, or each item of a stream: write `-> JsonText` or "
            "`-> Iterator[JsonText]`. It cannot be a body, nor a part of another type."
        )


def text_of(value: Any) -> str:
    """The text that a command returned for `-> JsonText`. `TypeError`: it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return JsonText(cast("bytes", value))
    raise TypeError(f"expected JSON text, got {type(value).__name__}")
