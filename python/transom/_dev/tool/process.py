"""Runs programs in process groups of their own, and passes on what they write."""

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LINE = 1 << 20
"""The longest line, in bytes."""


class Program:
    """A running program, with all that it has started in its group."""

    def __init__(self, process: Process, tell: Callable[[str], None]) -> None:
        self._process = process
        self._tell = tell
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls,
        command: Sequence[str] | str,
        folder: Path,
        tell: Callable[[str], None],
        env: Mapping[str, str] | None = None,
        fds: Sequence[int] = (),
    ) -> "Program":
        """Starts a program, or a line of the shell. `tell` is given each line that it writes.

        Raises:
            OSError: It cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *(["/bin/sh", "-c", command] if isinstance(command, str) else command),
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            pass_fds=tuple(fds),
            start_new_session=True,
            limit=LINE,
        )
        return cls(process, tell)

    @property
    def code(self) -> int | None:
        """The exit code. `None`: it runs."""
        return self._process.returncode

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                continue  # it is longer than that
            if not line:
                return
            self._tell(line.decode(errors="replace").rstrip())

    async def ended(self) -> int:
        """Waits for its end, and for the last of what it has written."""
        code = await self._process.wait()
        # What it has started may hold its output open.
        await asyncio.wait([self._reader], timeout=0.2)
        return code

    async def end(self, patience: float) -> int:
        """Ends it: by SIGTERM, and after `patience` seconds by SIGKILL, with its group."""
        if self.code is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience)
        self.kill_group()
        return await self.ended()

    async def end_group(self, patience: float) -> None:
        """Ends it with all of its group, which may outlive it."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), patience)
        self.kill_group()
        await self.ended()

    def kill_group(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, signum: int) -> None:
        # Its group has its number for as long as one of its processes lives.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signum)


def first_word(command: str) -> str:
    """The program that a line of the shell starts."""
    with suppress(ValueError):
        words = [it for it in shlex.split(command) if "=" not in it]
        if words:
            return words[0]
    return command
