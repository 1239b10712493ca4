"""Serves the tool in the process of the app: one thread takes what it asks, one at a time."""

import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import _swapping
from .. import DEBUGGER, LINK
from . import logs, windows
from .callbacks import Callbacks
from .graph import RestartError
from .pages import Pages
from .swap import NewCodeError, Swapper, problem_of

if TYPE_CHECKING:
    from ..._app.runtime import Runtime
    from ..._commands.handler import InvokeHandler

FIRST_WINDOW = 3.0
"""Seconds after which an app without a window counts as started: one that lives in the tray."""
LOOK = 0.01
"""Seconds between two looks whether the app runs, and has a window."""

log = logging.getLogger("transom.dev")


class Agent:
    """The tool's half in the app."""

    def __init__(self, link: socket.socket, *, debugged: bool = False) -> None:
        self._link = link
        self._lines = link.makefile("r", encoding="utf-8")
        self._lock = threading.Lock()
        self._root = Path.cwd()
        self._types: str | None = None
        self._callbacks = Callbacks()
        self._pages = Pages(self._tell_console, debugged=debugged)
        self._swapper: Swapper | None = None

    def debug(self, port: int, wait: bool) -> None:
        """Lets a debugger attach, and with `wait` waits for it."""
        from ..debugger import host  # noqa: PLC0415 - only under `transom dev --debug`

        try:
            port = host.listen(port)
        except RuntimeError as error:
            text = (
                f"no debugger can attach to this run of the app ({error}): end the one that is "
                "attached to the last run, then save the main module"
            )
            self._say("log", source="transom", level="error", text=text)
            return
        self._say("debugger", host=host.HOST, port=port, waits=wait)
        if wait:
            host.wait_for_client()

    def begin(self) -> None:
        """Watches what the app registers, and starts to serve the tool."""
        _swapping.active = True
        if sys.platform == "linux":
            _swapping.swaps = _swapping.Swaps()
        _swapping.latest = self._callbacks.latest
        self._callbacks.watch()
        self._pages.install()
        threading.Thread(target=self._serve, name="transom-dev", daemon=True).start()

    def _say(self, what: str, **about: Any) -> None:
        line = json.dumps({"say": what, **about}, ensure_ascii=False).encode(errors="replace")
        with self._lock:
            try:
                self._link.sendall(line + b"\n")
            except OSError:
                return  # the tool is gone, which `_serve` sees

    def _tell_console(self, level: str, text: str, **about: Any) -> None:
        self._say("log", source="page", level=level, text=text, **about)

    def _tell_record(self, source: str, level: str, text: str) -> None:
        self._say("log", source=source, level=level, text=text)

    def _serve(self) -> None:
        try:
            self._root = Path(self._receive()["root"])
            self._work()
        except EOFError:
            # Nothing of what the tool has started outlives it.
            os.kill(os.getpid(), signal.SIGTERM)

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except OSError:
            line = ""
        if not line:
            raise EOFError
        return json.loads(line)

    def _work(self) -> None:
        first = self._receive()
        handler, runtime = self._attached()
        logs.install(self._tell_record)
        app = runtime.app_handle
        if app is None:
            raise EOFError
        end = time.monotonic() + FIRST_WINDOW
        while not windows.remember(app) and time.monotonic() < end:
            time.sleep(LOOK)
        windows.bring_back(app, first.get("windows", ()))
        self._swapper = Swapper(
            self._root, handler, runtime, self._callbacks, lambda: runtime.host.states(app)
        )
        self._types = first.get("types")
        threading.Thread(
            target=self._pages.watch, args=(app,), name="transom-dev-pages", daemon=True
        ).start()
        self._write_types(handler)
        self._say("ready")
        while True:
            asked = self._receive()
            match asked["do"]:
                case "swap":
                    self._swap(asked["files"], handler, runtime)
                case "reload":
                    for window in windows.all_of(app):
                        window.reload()
                case _:
                    self._say("windows", windows=windows.remember(app))

    def _attached(self) -> "tuple[InvokeHandler, Runtime]":
        """The handler of the app, once it runs."""
        while not _swapping.attached:
            time.sleep(LOOK)
        return _swapping.attached[0]

    def _swap(self, files: list[str], handler: "InvokeHandler", runtime: "Runtime") -> None:
        begin, app = time.monotonic(), runtime.app_handle
        assert self._swapper is not None
        assert app is not None
        try:
            modules = self._swapper.swap(map(Path, files))
        except NewCodeError as error:
            about = asdict(error.problem)
            self._say("failed", **about)
            self._pages.show(app, about)
            return
        except RestartError as error:
            self._say("restart", reason=str(error))
            return
        except Exception as error:  # of this package: a restart always works
            log.exception("the swap failed")
            self._say("restart", reason=f"the swap failed: {problem_of(error).title}")
            return
        took = time.monotonic() - begin
        self._say("swapped", modules=modules, ms=round(took * 1000, 1))
        self._pages.show(app, None)
        self._write_types(handler)
        # The old code holds itself.
        gc.collect()

    def _write_types(self, handler: "InvokeHandler") -> None:
        if self._types is None:
            return
        from ..._typescript.files import write  # noqa: PLC0415 - most apps write none
        from ..._typescript.module import Module  # noqa: PLC0415

        try:
            if write(Path(self._types), Module(handler.commands).write()):
                self._say("types", path=self._types)
        except (OSError, ValueError) as error:
            log.warning("no TypeScript was written: %s", error)


def begin() -> None:
    """Begins to serve the tool that has started this process."""
    descriptor = int(os.environ.pop(LINK))
    os.set_inheritable(descriptor, False)
    debugger = os.environ.pop(DEBUGGER, None)
    agent = Agent(socket.socket(fileno=descriptor), debugged=debugger is not None)
    agent.begin()
    if debugger is not None:
        agent.debug(**json.loads(debugger))
