"""Exchanges frames with the host. `src/workers/link/frame.rs` is the other end.

```text
kind: u8 │ head: u32 LE, bytes │ body: u32 LE, bytes │ head (JSON) │ body
```

With the highest bit of `kind` the body is not there: it is in the shared memory whose descriptor
came with the frame's first byte.
"""

import errno
import logging
import os
import socket
import struct
import threading
from contextlib import suppress
from json import dumps, loads
from typing import Any, NamedTuple, Protocol

from ... import _fork
from ..._observe.failures import report
from .memory import put, receive, send, take

PREFIX = struct.Struct("<cII")
APART = 0x80
"""A bit in `kind`: the body is sent separately."""

SETUP, CALL, CANCEL, TAKEN, DELIVERED = b"S", b"C", b"X", b"T", b"D"
READY, PROGRESS, JSON, RAW, ERROR = b"R", b"P", b"J", b"B", b"E"
JSON_ITEM, RAW_ITEM, WANT, LOG, CLUSTER = b"I", b"Y", b"W", b"L", b"G"
JSON_MESSAGE, RAW_MESSAGE, EVENT, ASK = b"M", b"N", b"V", b"Q"

JOINED = 64 * 1024
"""Bodies up to this size are sent with their head. Joining larger ones costs more than a call."""


LARGEST = (1 << 32) - 1
"""The largest body that a prefix can describe."""
NO_LINK = (
    "this worker process has no link to its host any more; a command that closes descriptors must "
    "close its own"
)

log = logging.getLogger("transom.worker")


class Frame(NamedTuple):
    """A frame that was received."""

    kind: bytes
    head: dict[str, Any]
    body: bytearray | memoryview
    refused: int = 0
    """Bytes of a body for which this process has no memory, if that is so. `body` is empty then."""


class Outlet(Protocol):
    """What sends frames to the host: a link, or what takes the place of one on a cluster."""

    most: int
    """Bytes of the largest body that the host takes."""

    def check(self, size: int) -> None:
        """Raises `ValueError` for a body that the host would not take."""
        ...

    def send(self, kind: bytes, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
        """Sends a frame."""
        ...


def mapped(memory: int, size: int) -> memoryview | None:
    """Maps a body in shared memory. `None`: this process has no memory for it."""
    try:
        return take(memory, size)
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        return None


class Link:
    """This worker's end. One thread receives, any thread sends."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.share_from: int | None = None
        """Bodies of at least this many bytes go in shared memory. `None`: none do."""
        self.most = LARGEST
        """Bytes of the largest body that the host takes."""

    def receive(self) -> Frame | None:
        """Waits for the next frame. `None`: the link has ended."""
        try:
            (kind, head_len, body_len), memory = self._read_prefix()
            head = self._read(head_len)
            fields: dict[str, Any] = loads(head) if head else {}
            body = self._body(body_len) if memory is None else mapped(memory, body_len)
            if body is None:
                return Frame(kind, fields, bytearray(), body_len)
            return Frame(kind, fields, body)
        except (EOFError, ConnectionError):
            return None
        except (OSError, MemoryError) as error:
            report(log, "a frame could not be taken, so this worker ends", error=error)
            return None

    def _read_prefix(self) -> tuple[tuple[bytes, int, int], int | None]:
        """The prefix, and the shared memory of a body that is sent separately."""
        data, memory = bytearray(PREFIX.size), None
        view = memoryview(data)
        while view:
            count, came = receive(self._stream, view)
            if count == 0:
                raise EOFError
            view = view[count:]
            memory = came[0] if came else memory
        kind, head_len, body_len = PREFIX.unpack(data)
        apart = kind[0] & APART
        if apart and memory is None:
            raise OSError("a body in shared memory came without it: is a descriptor left to open?")
        return (bytes([kind[0] ^ apart]), head_len, body_len), memory

    def _body(self, size: int) -> bytearray | None:
        """Reads a body. `None`: there is no memory for it; it was read and dropped."""
        try:
            return self._read(size)
        except MemoryError:
            while size:
                size -= len(self._read(min(size, JOINED)))
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

    def check(self, size: int) -> None:
        """Raises `ValueError` for a body that the host would not take."""
        if size > self.most:
            raise ValueError(f"{size} bytes go to the page at once, and the limit is {self.most}")

    def send(self, kind: bytes, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
        """Sends a frame. Does nothing when the host has gone: this process ends soon. `ForkedError`
        in a fork of the worker.

        Without a link it ends at once: a call that cannot be answered must not look like one that
        runs.
        """
        _fork.check()
        text = dumps(head).encode()
        memory = self._memory_of(body)
        apart = 0 if memory is None else APART
        first = PREFIX.pack(bytes([kind[0] | apart]), len(text), len(body)) + text
        if len(body) <= JOINED and memory is None:
            first, body = first + body, b""
        try:
            with self._lock:
                if memory is not None:
                    send(self._stream, first, memory)
                else:
                    self._stream.sendall(first)
                    if body:
                        self._stream.sendall(body)
        except ConnectionError:
            pass
        except OSError as error:
            with suppress(OSError):  # standard error may be closed as well
                os.write(2, f"{NO_LINK}: {error}\n".encode())
            os._exit(1)
        finally:
            if memory is not None:
                os.close(memory)

    def forget(self) -> None:
        """Closes the link in a fork of the worker, which must not keep it open."""
        self._stream.close()

    def _memory_of(self, body: bytes | memoryview) -> int | None:
        """The body in shared memory, if it is large. `None`: it goes through the link."""
        if self.share_from is None or len(body) < self.share_from:
            return None
        try:
            return put(body)
        except OSError:
            return None  # none is left; the link always works
