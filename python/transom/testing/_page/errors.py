"""Defines `InvokeError`, the error that a test's call rejects with."""

from collections.abc import Mapping
from json import loads
from typing import Any

from ..._codes import ErrorCode
from ...errors import TransomError


class InvokeError(TransomError):
    """Why a call failed: the page's `InvokeError`.

    `details["started"]` says whether code of the command ran.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        command: str = "",
        window: str = "",
        retryable: bool = False,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code: ErrorCode = code
        self.message = message
        self.command = command
        self.window = window
        self.retryable = retryable
        """Whether the same call may succeed later."""
        self.details: Mapping[str, Any] = details or {}

    @classmethod
    def of_frame(cls, frame: str) -> "InvokeError":
        """Reads the error from the host's JSON text."""
        fields = loads(frame)
        return cls(fields.pop("code"), fields.pop("message"), **fields)
