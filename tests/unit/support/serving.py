"""Serves calls on an event loop without an app."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from anyio.from_thread import BlockingPortal
from doubles import FakeCall, PipeInbox

from transom import Commands
from transom._app.runtime import Runtime
from transom._call.runner import Runner
from transom._executors.portal import PortalExecutor
from transom._loops.latch import own_portal

LIMIT = 120.0
"""Seconds after which something that must happen has not."""

Loop = tuple[str, dict[str, Any]]


class Served:
    """An executor that serves calls on a portal, and the commands that it finds."""

    def __init__(self, inbox: PipeInbox, portal: BlockingPortal, backend: str) -> None:
        self.backend = backend
        self.inbox, self.portal, self.commands = inbox, portal, Commands()
        runtime = Runtime(cast("Any", None), cast("Any", None))
        runner = Runner(self.commands.__getitem__, runtime)
        self.executor = PortalExecutor(cast("Any", inbox), runner)
        self.readies = 0
        self.closed = inbox.closed
        self.end = portal.start_task_soon(self.executor.serve, self._ready)
        self.ids = 0

    def _ready(self) -> None:
        self.readies += 1

    def send(self, command: str, body: bytes | None = None) -> FakeCall:
        self.ids += 1
        call = FakeCall(command, body, id=self.ids)
        self.inbox.put(call)
        return call

    def result(self, command: str, body: bytes | None = None) -> tuple[Any, ...]:
        call = self.send(command, body)
        assert call.done.wait(LIMIT), f"`{command}` did not end"
        assert call.outcome is not None
        return call.outcome

    def stop(self) -> None:
        self.inbox.put(None)
        self.end.result(LIMIT)


@contextmanager
def serve(loop: Loop, inbox: PipeInbox) -> Iterator[Served]:
    """Serves calls, of a command `echo` among others, on a portal as apps have it."""
    backend, options = loop
    with own_portal(backend, options) as portal:
        served = Served(inbox, portal, backend)

        @served.commands.command()
        async def echo(body: int) -> int:
            return body

        yield served
        if not served.end.done():
            served.stop()


LOOPS: dict[str, Loop] = {"asyncio": ("asyncio", {}), "trio": ("trio", {})}
if sys.platform != "win32":  # there is no uvloop
    LOOPS["uvloop"] = ("asyncio", {"use_uvloop": True})
