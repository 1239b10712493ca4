"""Runs the author's command that signs a file."""

import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import BuildError

PLACE = "{file}"
"""Stands for the file in the command. Without it the file comes last."""


def _quiet(_text: str) -> None:
    pass


@dataclass(frozen=True)
class Signing:
    """The command that signs, if there is one."""

    command: str | None = None
    say: Callable[[str], None] = _quiet

    def sign(self, file: Path) -> None:
        """Signs a file or a bundle. What is written beside it is part of the result.

        Raises:
            BuildError: The command fails, or cannot be started.
        """
        if not self.command:
            return
        self.say(f"signing {file.name}")
        try:
            code = subprocess.run(self._words(file), check=False, cwd=file.parent).returncode
        except OSError as error:
            raise BuildError(f"the command that signs cannot be started: {error}") from error
        if code != 0:
            raise BuildError(f"the command that signs ended with {code}: {self.command}")

    def line(self, file: str) -> str:
        """The command as one line, with this in the file's place."""
        command = self.command or ""
        quoted = f'"{file}"'
        return command.replace(PLACE, quoted) if PLACE in command else f"{command} {quoted}"

    def _words(self, file: Path) -> list[str] | str:
        if os.name == "nt":
            # Windows takes a line, and its paths have what is an escape elsewhere.
            return self.line(str(file))
        words = [it.replace(PLACE, str(file)) for it in shlex.split(self.command or "")]
        return words if PLACE in (self.command or "") else [*words, str(file)]
