"""Carries out what `Session` decides: one `transom dev`, from its start to its end."""

import asyncio
import signal
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import watchfiles

from ..._native import RESTART_EXIT_CODE
from .app_process import AppProcess
from .console import Console
from .debugging import Debugging, DebuggingError
from .project import App
from .server import Server, ServerError
from .session import (
    AppEnded,
    AwaitSave,
    Begin,
    End,
    Failed,
    Finish,
    Phase,
    Ready,
    Reload,
    Saved,
    Session,
    SessionEffect,
    SessionEvent,
    Start,
    StopAsked,
    Swap,
    Swapped,
    Unswappable,
)
from .watch import saved

DEBOUNCE = 400
"""Milliseconds at most for which saves that follow each other are gathered."""
STEP = 20
"""Milliseconds without a save after which they count as one."""

OVERDUE = 5.0
"""Seconds after which a save does not wait any longer for a start or a swap, but restarts."""


class Development:
    """One `transom dev`."""

    def __init__(self, app: App, console: Console, debugging: Debugging | None = None) -> None:
        self._app = app
        self._console = console
        self._debugging = debugging
        self._session = Session()
        self._server = Server(app, console)
        self._process: AppProcess | None = None
        self._windows: list[dict[str, Any]] = []
        self._events: asyncio.Queue[SessionEvent] = asyncio.Queue()
        self._work = set[asyncio.Task[Any]]()
        self._began = 0.0
        """When the start or the swap began that goes on, or was the last."""

    async def run(self) -> int:
        """Runs the app until it is closed. Gives the exit code."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(signum, self._events.put_nowait, StopAsked(128 + signum))
        self._spawn(self._prepare())
        try:
            while True:
                event = await self._events.get()
                for effect in self._session.step(event):
                    if isinstance(effect, Finish):
                        return effect.code
                    await self._carry_out(effect)
        finally:
            for task in self._work:
                task.cancel()
            if self._process is not None:
                await self._process.end()
            await self._server.end()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._console.write("transom", f"this cannot go on: {error}", "error")
            self._events.put_nowait(StopAsked(1))

    async def _prepare(self) -> None:
        try:
            await self._server.start()
        except ServerError as error:
            self._console.write("transom", str(error), "error")
            self._events.put_nowait(StopAsked(1))
            return
        self._spawn(self._watch())
        self._events.put_nowait(Begin())
        died = await self._server.died()
        self._console.write("transom", died, "error")
        self._events.put_nowait(StopAsked(1))

    async def _watch(self) -> None:
        folders = {self._app.root, self._app.config}
        if self._app.pages is not None and self._app.pages.is_dir():
            folders.add(self._app.pages)
        top = [it for it in folders if not any(it != o and it.is_relative_to(o) for o in folders)]
        changes = watchfiles.awatch(*top, debounce=DEBOUNCE, step=STEP, rust_timeout=1000)
        with suppress(asyncio.CancelledError):
            async for changed in changes:
                event = saved(self._app, (Path(path) for _, path in changed))
                if event is not None:
                    self._events.put_nowait(self._urgent(event))

    def _urgent(self, event: Saved) -> Saved:
        """Has a save restart an app whose start or swap does not end: the save may mend that."""
        waits = self._session.phase is Phase.STARTING or self._session.swapping
        if waits and event.code and time.monotonic() - self._began > OVERDUE:
            return replace(event, start=event.start or min(event.code).name)
        return event

    async def _carry_out(self, effect: SessionEffect) -> None:
        match effect:
            case Start():
                await self._start()
            case End(reason):
                self._spawn(self._end(reason))
            case Swap(files):
                self._began = time.monotonic()
                self._send(do="swap", files=sorted(map(str, files)))
            case Reload():
                self._console.write("transom", "pages have changed: the windows load them anew")
                self._send(do="reload")
            case AwaitSave(code):
                text = (
                    f"the app has ended with the status {code}: it starts again with the next save"
                )
                self._console.write("transom", text, "error", event="waiting", code=code)
            case Finish():
                pass

    def _send(self, **message: Any) -> None:
        if self._process is not None:
            self._process.send(**message)

    async def _start(self) -> None:
        self._began = time.monotonic()
        process = await AppProcess.start(
            self._app, self._tell, self._hear, self._windows, self._debugging
        )
        self._process = process
        self._spawn(self._await_end(process))

    async def _await_end(self, process: AppProcess) -> None:
        code = await process.ended()
        if self._process is process:
            self._process = None
        # Of a restart that Tauri asks for, the lowest byte.
        again = code in (RESTART_EXIT_CODE, RESTART_EXIT_CODE & 0xFF)
        self._events.put_nowait(AppEnded(code, again))

    async def _end(self, reason: str | None) -> None:
        process = self._process
        if process is None:
            return
        if reason is not None:
            self._console.write("transom", f"restarts: {reason}", event="restart", reason=reason)
            self._windows = await process.windows() or self._windows
        await process.end()

    def _tell(self, line: str) -> None:
        self._console.write("app", line)

    def _hear(self, said: dict[str, Any]) -> None:
        match said["say"]:
            case "ready":
                ms = round((time.monotonic() - self._began) * 1000)
                text = f"`{self._app.name}` runs, after {ms} ms"
                self._console.write("transom", text, event="ready", ms=ms)
                self._events.put_nowait(Ready())
            case "swapped":
                self._tell_swapped(said)
                self._events.put_nowait(Swapped())
            case "failed":
                text = f"the old code stays: {said['title']}\n{said['traceback']}"
                about = {it: said[it] for it in ("title", "file", "line")}
                self._console.write("transom", text, "error", event="failed", **about)
                self._events.put_nowait(Failed())
            case "restart":
                self._events.put_nowait(Unswappable(said["reason"]))
            case "debugger":
                host, port = said["host"], said["port"]
                text = f"a debugger can attach to {host}:{port}"
                if said["waits"]:
                    text += ", for which the app waits"
                self._console.write("transom", text, event="debugger", host=host, port=port)
            case "types":
                self._console.write("transom", f"wrote {said['path']}", event="types")
            case _:
                about = {it: said[it] for it in ("window", "stack") if said.get(it)}
                self._console.write(said["source"], said["text"], said["level"], **about)

    def _tell_swapped(self, said: dict[str, Any]) -> None:
        modules = said["modules"]
        names = ", ".join(modules[:4]) + (f" and {len(modules) - 4} more" if modules[4:] else "")
        text = f"swapped {names or 'nothing'} in {said['ms']} ms"
        self._console.write("transom", text, event="swapped", modules=modules, ms=said["ms"])


def run(app: App, console: Console, debugging: Debugging | None = None) -> int:
    """Runs an app until it is closed. Gives the exit code."""
    if sys.platform == "win32":
        text = "`transom dev` runs on Linux and macOS: start the app with Python here"
        console.write("transom", text, "error")
        return 1
    if debugging is not None:
        try:
            debugging.check()
        except DebuggingError as error:
            console.write("transom", str(error), "error")
            return 1
    return asyncio.run(Development(app, console, debugging).run())
