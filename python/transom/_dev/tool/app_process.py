"""Runs the app in a process, with a link to the agent in it."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .. import LINK
from .debugging import Debugging
from .process import Program
from .project import App

FAREWELL = 4.0
"""Seconds that the app has for its end."""
LAST_LOOK = 0.5
"""Seconds that the app has to say where its windows are."""
LINE = 1 << 24

Heard = Callable[[dict[str, Any]], None]


class AppProcess:
    """An app that runs, or has run."""

    def __init__(self, program: Program, link: asyncio.StreamWriter) -> None:
        self._program = program
        self._link = link
        self._windows: asyncio.Future[list[dict[str, Any]]] | None = None

    @classmethod
    async def start(
        cls,
        app: App,
        tell: Callable[[str], None],
        heard: Heard,
        windows: list[dict[str, Any]],
        debugging: Debugging | None = None,
    ) -> "AppProcess":
        """Starts the app. `tell` is given what it writes, `heard` what its agent says.

        `windows` are those that it brings back.
        """
        ours, theirs = socket.socketpair()
        env = {
            LINK: str(theirs.fileno()),
            "TRANSOM_DEV": "1",
            "PYTHONUNBUFFERED": "1",
            # Bytecode is taken for current when a file was saved twice in one second.
            "PYTHONDONTWRITEBYTECODE": "1",
            **(debugging.environment if debugging else {}),
        }
        source = app.root / "src"
        if app.arguments[0] == "-m" and source.is_dir():
            path = [str(source), os.environ.get("PYTHONPATH", "")]
            env["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        with theirs:
            command = [sys.executable, *app.arguments]
            program = await Program.start(command, app.root, tell, env, [theirs.fileno()])
        reader, writer = await asyncio.open_connection(sock=ours, limit=LINE)
        process = cls(program, writer)
        process._listener = asyncio.create_task(process._listen(reader, heard))
        process.send(root=str(app.root))
        process.send(windows=windows, types=None if app.types is None else str(app.types))
        return process

    _listener: "asyncio.Task[None]"

    async def _listen(self, reader: asyncio.StreamReader, heard: Heard) -> None:
        while True:
            try:
                line = await reader.readline()
            except (OSError, ValueError):
                return
            if not line:
                return
            said = json.loads(line)
            if said["say"] == "windows":
                if self._windows is not None and not self._windows.done():
                    self._windows.set_result(said["windows"])
            else:
                heard(said)

    def send(self, **message: Any) -> None:
        """Tells the agent something."""
        with suppress(OSError, RuntimeError):
            self._link.write(json.dumps(message).encode() + b"\n")

    async def windows(self) -> list[dict[str, Any]]:
        """Where the windows are, if the app still says so."""
        self._windows = asyncio.get_running_loop().create_future()
        self.send(do="windows")
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._windows, LAST_LOOK)
        return []

    async def ended(self) -> int:
        """Waits for its end, and ends what it has left. Gives the exit code."""
        code = await self._program.ended()
        self._program.kill_group()
        await self._close()
        return code

    async def end(self) -> None:
        """Ends it, with all of its group."""
        await self._program.end(FAREWELL)
        await self._close()

    async def _close(self) -> None:
        # What it said last is still heard.
        await asyncio.wait([self._listener], timeout=0.2)
        self._listener.cancel()
        self._link.close()
