"""Puts large bodies into shared memory, like `src/workers/link/shared_memory.rs`. Linux only."""

import fcntl
import mmap
import os
import socket
import struct

from typing_extensions import Buffer

NAME = "transom-body"
SPACE = socket.CMSG_SPACE(struct.calcsize("i"))
"""Bytes for one descriptor."""
CLOSE_ON_EXEC: int = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


def put(body: Buffer) -> int:
    """Puts `body` into shared memory, and returns its descriptor. `OSError`: there is none left."""
    memory = os.memfd_create(NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(memory, rest) :]
        seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(memory)
        raise
    return memory


def receive(stream: socket.socket, into: memoryview) -> tuple[int, list[int]]:
    """Reads bytes and the descriptors that came with them. Returns how many bytes; 0: the end."""
    count, control, _, _ = stream.recvmsg_into([into], SPACE, CLOSE_ON_EXEC)
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS)
    came = [data for level, kind, data in control if (level, kind) == rights]
    return count, [fd for data in came for fd in memoryview(data).cast("i")]


def take(memory: int, size: int) -> memoryview:
    """Maps the body in the shared memory of that descriptor, read-only, and closes it."""
    try:
        return memoryview(mmap.mmap(memory, size, access=mmap.ACCESS_READ))
    finally:
        os.close(memory)


def send(stream: socket.socket, data: bytes, memory: int) -> None:
    """Sends `data`, with the descriptor beside its first byte."""
    sent = socket.send_fds(stream, [data], [memory])
    stream.sendall(data[sent:])
