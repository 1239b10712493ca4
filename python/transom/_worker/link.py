"""Frames between host and worker: `src/workers/frame.rs` is the other end.

```text
kind: u8 │ head: u32 LE, bytes │ body: u32 LE, bytes │ head (JSON) │ body
```
"""

import json
import socket
import struct
import threading
from typing import Any, NamedTuple

PREFIX = struct.Struct("<cII")

SETUP, CALL, CANCEL, TAKEN = b"S", b"C", b"X", b"T"
READY, PROGRESS, JSON, RAW, ERROR = b"R", b"P", b"J", b"B", b"E"
JSON_ITEM, RAW_ITEM, WANT = b"I", b"Y", b"W"

JOINED = 64 * 1024
"""A body up to this size is sent with its head; to join larger ones costs more than a call."""


class Frame(NamedTuple):
    """A frame that came in."""

    kind: bytes
    head: dict[str, Any]
    body: bytes


class Link:
    """This worker's end. One thread receives, any thread sends."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def receive(self) -> Frame | None:
        """Waits for the next frame. `None`: the host has ended the link."""
        try:
            kind, head_len, body_len = PREFIX.unpack(self._read(PREFIX.size))
            head = self._read(head_len)
            return Frame(kind, json.loads(head) if head else {}, bytes(self._read(body_len)))
        except (EOFError, ConnectionError):
            return None

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self._stream.recv_into(view)
            if count == 0:
                raise EOFError
            view = view[count:]
        return data

    def send(self, kind: bytes, head: dict[str, Any], body: bytes = b"") -> None:
        """Sends a frame. Does nothing when the host has gone: this process ends soon."""
        text = json.dumps(head).encode()
        first = PREFIX.pack(kind, len(text), len(body)) + text
        if len(body) <= JOINED:
            first, body = first + body, b""
        try:
            with self._lock:
                self._stream.sendall(first)
                if body:
                    self._stream.sendall(body)
        except OSError:
            pass
