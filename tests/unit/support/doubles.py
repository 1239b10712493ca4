"""Provides doubles of what only a running app can make: calls, and their inbox."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class FakeCall:
    """A call that keeps how it ended; like a native one it ends once."""

    command: str = "command"
    data: bytes | None = None
    id: int = 1
    window: str = "main"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    cancelled: bool = False
    wants_stream: bool = False
    may_begin: bool = True
    time_left: float | None = None
    outcome: tuple[Any, ...] | None = None
    began: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    told: list[tuple[float, float | None, str | None]] = field(
        default_factory=list[tuple[float, float | None, str | None]]
    )

    @property
    def settled(self) -> bool:
        return self.outcome is not None

    def body(self) -> bytes | None:
        body, self.data = self.data, None
        return body

    def begin(self) -> bool:
        self.began = self.may_begin
        return self.may_begin

    def _end(self, *outcome: Any) -> bool:
        if self.settled:
            return False
        self.outcome = outcome
        return True

    def resolve_json(self, json: str) -> bool:
        return self._end("json", json)

    def resolve_raw(self, bytes: bytes) -> bool:  # noqa: A002 - the name of the native one
        return self._end("raw", bytes)

    def reject(self, code: str, message: str, details: str | None = None) -> bool:
        return self._end("error", code, message, json.loads(details or "null"))

    def finish(self) -> None:
        self._end("dropped")
        self.done.set()

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        self.told.append((done, total, message))


class PipeInbox:
    """Mail behind the descriptor of a real pipe, as a `PortalExecutor` takes it."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._mail: deque[Any] = deque()
        self.closed = threading.Event()

    def put(self, *mail: Any) -> None:
        self._mail.extend(mail)
        os.write(self._writer, b"x")

    def fileno(self) -> int:
        return self._reader

    def drain(self) -> list[Any]:
        os.read(self._reader, 4096)
        found: list[Any] = []
        while self._mail:
            found.append(self._mail.popleft())
        return found

    def close(self) -> None:
        self.closed.set()

    def release(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


class QueueInbox:
    """Mail that `Threads` wait for; `None` ends each thread that takes it."""

    def __init__(self) -> None:
        self._mail: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, *mail: Any) -> None:
        for item in mail:
            self._mail.put(item)

    def take(self) -> Any:
        return self._mail.get()
