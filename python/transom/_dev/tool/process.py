"""Runs programs in process groups of their own, and passes on what they write."""

import asyncio
import os
import shlex
import signal
import subprocess
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LINE = 1 << 20
"""The longest line, in bytes."""
GUARD = """\
read _
kill -s TERM "$1"
left=40
while [ $left -gt 0 ] && kill -s 0 -- "-$1"; do sleep 0.1; left=$((left - 1)); done
kill -s KILL -- "-$1"
"""
"""Waits until the tool is gone, also by SIGKILL, and then ends a group: at once, or in 4 s."""


class Program:
    """A running program, with all that it has started in its group."""

    def __init__(
        self,
        process: Process,
        stream: asyncio.StreamReader,
        output: asyncio.BaseTransport,
        tell: Callable[[str], None],
    ) -> None:
        self._process = process
        self._guard: subprocess.Popen[bytes] | None = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "sh", str(process.pid)],
            stdin=subprocess.PIPE,  # it is closed when this process ends, in whatever way
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._stream = stream
        self._output = output
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
        # A pipe of its own: with asyncio's, its end waits for all who hold the pipe open.
        stream = asyncio.StreamReader(limit=LINE)
        reading, writing = os.pipe()
        output, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb", buffering=0)
        )
        try:
            process = await asyncio.create_subprocess_exec(
                *(["/bin/sh", "-c", command] if isinstance(command, str) else command),
                cwd=folder,
                env={**os.environ, **(env or {})},
                stdin=DEVNULL,
                stdout=writing,
                stderr=STDOUT,
                pass_fds=tuple(fds),
                start_new_session=True,
            )
        except BaseException:
            output.close()
            raise
        finally:
            os.close(writing)
        return cls(process, stream, output, tell)

    @property
    def code(self) -> int | None:
        """The exit code. `None`: it runs."""
        return self._process.returncode

    async def _read(self) -> None:
        while True:
            try:
                line = await self._stream.readline()
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
        code = await self.ended()
        self._output.close()
        return code

    async def end_group(self, patience: float) -> None:
        """Ends it with all of its group, which may outlive it."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), patience)
        self.kill_group()
        await self.ended()
        self._output.close()

    def kill_group(self) -> None:
        """Ends at once what is left of the group."""
        self._signal(signal.SIGKILL)
        if self._guard is not None:
            with self._guard as guard:
                guard.kill()
            self._guard = None

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
