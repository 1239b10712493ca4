"""Checks what `transom dev --debug` needs, before anything is started."""

import importlib.util
import json
import socket
from dataclasses import dataclass

from ...errors import TransomError
from .. import DEBUGGER

HOST = "127.0.0.1"


class DebuggingError(TransomError):
    """No debugger can attach. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Debugging:
    """How a debugger attaches to the app."""

    port: int
    """0: any that is free."""
    wait: bool
    """Whether the app waits for the debugger before it starts."""

    def check(self) -> None:
        """Checks that debugpy is installed, and that the port is free.

        Raises:
            DebuggingError: One of them is not so.
        """
        if importlib.util.find_spec("debugpy") is None:
            raise DebuggingError(
                'the debugger is not installed: run `pip install "transom[cli]"`, or `pip install '
                "debugpy`, in the environment of the app"
            )
        try:
            socket.create_server((HOST, self.port)).close()
        except OSError as error:
            raise DebuggingError(
                f"the port {self.port} for the debugger cannot be used ({error.strerror}): end the "
                "program that uses it, or name another one with `--debug-port`"
            ) from error

    @property
    def environment(self) -> dict[str, str]:
        """What tells the app of it."""
        return {
            DEBUGGER: json.dumps({"port": self.port, "wait": self.wait}),
            # The standard library comes compiled into Python, where no breakpoints are. pydevd
            # warns of that at every start of a process.
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
