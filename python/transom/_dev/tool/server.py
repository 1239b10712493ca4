"""Starts what serves the pages, and waits until it answers."""

import asyncio
import shutil
import time
from contextlib import suppress

from ..._cli import node
from ...errors import TransomError
from .console import Console
from .process import Program, first_word
from .project import App, DevServer

PATIENCE = 60.0
"""Seconds that the server may take until it answers."""
LOOK = 0.05
SILENCE = 1.0
"""Seconds after which it is said what is waited for."""
FAREWELL = 3.0
"""Seconds that the server has for its end."""

ADVICE = {
    "npm": "Node.js is missing: install version 20 or newer",
    "npx": "Node.js is missing: install version 20 or newer",
    "node": "Node.js is missing: install version 20 or newer",
    "pnpm": "pnpm is missing: install Node.js 20 or newer, then `npm install --global pnpm`",
    "yarn": "yarn is missing: install Node.js 20 or newer, then `npm install --global yarn`",
    "bun": "bun is missing: install it, see https://bun.sh",
    "deno": "deno is missing: install it, see https://deno.com",
}


RUN_BY_NODE = ("npm", "npx", "node", "pnpm", "yarn")


class ServerError(TransomError):
    """There are no pages. The text says what to do."""


class Server:
    """The server of an app's pages: `build.beforeDevCommand`, if there is one."""

    def __init__(self, app: App, console: Console) -> None:
        self._app = app
        self._console = console
        self._program: Program | None = None

    async def start(self, patience: float = PATIENCE) -> None:
        """Starts it. Returns when it answers at `devUrl`.

        Raises:
            ServerError: It cannot be started, has ended, or does not answer.
        """
        server, address = self._app.server, self._app.address
        if server is None:
            if address is not None:
                await self._wait(None, *address, patience)
            return
        if (word := first_word(server.command)) in ADVICE and shutil.which(word) is None:
            raise ServerError(f"`{server.command}` cannot be started: {ADVICE[word]}")
        if address is not None and not server.wait and await _answers(*address):
            raise ServerError(
                f"the port {address[1]} is in use: something answers at {self._app.url} before "
                f"`{server.command}` was started. End it, or use another port in `build.devUrl`"
            )
        self._console.write("transom", f"starts `{server.command}` in {server.folder}")
        if not server.folder.is_dir():
            raise ServerError(f"there is no folder {server.folder} for `{server.command}`")
        self._program = await Program.start(server.command, server.folder, self._tell)
        if server.wait:
            if code := await self._program.ended():
                raise ServerError(await _death(server, code))
        elif address is not None:
            await self._wait(server, *address, patience)

    def _tell(self, line: str) -> None:
        self._console.write("server", line)

    async def _wait(self, server: DevServer | None, host: str, port: int, patience: float) -> None:
        begun = time.monotonic()
        end, told = begun + patience, False
        while not await _answers(host, port):
            if not told and time.monotonic() > begun + SILENCE:
                told = True
                self._console.write("transom", f"waits for an answer at {self._app.url}")
            if server is not None and self._program is not None and self._program.code is not None:
                await self._program.ended()
                raise ServerError(await _death(server, self._program.code))
            if time.monotonic() > end:
                raise ServerError(
                    f"nothing answers at {self._app.url} after {patience:.0f} s: "
                    + (
                        f"does `{server.command}` serve there?"
                        if server
                        else "start the server, or name its command in `build.beforeDevCommand`"
                    )
                )
            await asyncio.sleep(LOOK)

    async def died(self) -> str:
        """Waits until the server ends by itself. Says so."""
        server = self._app.server
        if server is None or server.wait or self._program is None:
            await asyncio.Event().wait()
            return ""
        code = await self._program.ended()
        return await _death(server, code)

    async def end(self) -> None:
        """Ends the server, with all that it has started."""
        if self._program is not None:
            await self._program.end_group(FAREWELL)


async def _death(server: DevServer, code: int) -> str:
    word = first_word(server.command)
    is_there = shutil.which(word) is not None
    if code == 127 and not is_there:
        advice = ADVICE.get(word, f"is `{word}` installed?")
        return f"`{server.command}` cannot be started: {advice}"
    advice = "its last lines say why"
    if word in RUN_BY_NODE and is_there:
        advice = await asyncio.to_thread(node.too_old) or _not_installed(word, server) or advice
    return f"`{server.command}` has ended with the status {code}: {advice}"


def _not_installed(word: str, server: DevServer) -> str | None:
    """What to do if the packages of the pages are not there. `None`: they are, or need not be."""
    folder = server.folder.resolve()
    if not (folder / "package.json").is_file():
        return None
    above, names = (folder, *folder.parents), ("node_modules", ".pnp.cjs")
    if any((it / name).exists() for it in above for name in names):
        return None
    manager = word if word in ("pnpm", "yarn") else "npm"
    return f"its packages are not installed: run `{manager} install` in {folder}"


async def _answers(host: str, port: int) -> bool:
    with suppress(OSError, TimeoutError):
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1.0)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
    return False
