"""Is the host of one worker in tests: starts it or has it forked, and exchanges frames with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

from transom._executors.process import BOOT, MARK, ProcessPool
from transom._worker.link.frames import CALL, LOG, PREFIX

ALLOWANCE = {"items": 1024, "bytes": 256 * 1024, "conflate": False}


class Host:
    """The host's end of one worker."""

    def __init__(self, stream: socket.socket, process: subprocess.Popen[bytes] | Forked) -> None:
        self._stream = stream
        self._process = process
        self._code: list[int | None] = []
        self.pid = process.pid

    def send(self, kind: bytes, head: dict[str, Any], body: bytes = b"") -> None:
        text = json.dumps(head).encode()
        self._stream.sendall(PREFIX.pack(kind, len(text), len(body)) + text + body)

    def call(self, name: str, *body: Any, key: int = 1, **stream: Any) -> None:
        """`stream`: the allowance that differs from the default, for a stream."""
        head = {
            "id": key,
            "command": name,
            "window": "main",
            "module": "__main__",
            "qualname": name,
            "left": 59.5,
            "body": "json" if body else "none",
            "headers": [],
            "stream": ALLOWANCE | stream if stream else None,
        }
        self.send(CALL, head, json.dumps(body[0]).encode() if body else b"")

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._stream.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def next(self) -> tuple[bytes, dict[str, Any], bytes]:
        """The next frame that is no record of the log."""
        while True:
            kind, head, body = PREFIX.unpack(self._read(PREFIX.size))
            frame = kind, json.loads(self._read(head)), self._read(body)
            if kind != LOG:
                return frame

    def close(self) -> None:
        self._stream.close()

    def ended(self) -> int | None:
        """Waits for the worker's end; its exit code."""
        if not self._code:
            self._code.append(self._process.wait(120))
        return self._code[0]


class Forked:
    """A worker that a zygote has forked, with what is asked of it here of a `Popen`."""

    def __init__(self, link: socket.socket) -> None:
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        ours.settimeout(120)
        env = {**os.environ, MARK: "1"}
        self._zygote = subprocess.Popen(
            [sys.executable, BOOT, "zygote"], stdin=theirs.fileno(), env=env
        )
        theirs.close()
        self._link = ours
        prepare = json.loads(ProcessPool().plan(embedded=False))["launch"]["zygote"]
        assert self.ask({"prepare": prepare}) == "ready"
        fds = [link.fileno(), 1, 2]
        environment = [[name, value] for name, value in env.items()]
        socket.send_fds(ours, [json.dumps({"fork": environment}).encode()], fds)
        self.pid: int = json.loads(ours.recv(1 << 16))["pid"]

    def ask(self, question: dict[str, Any]) -> Any:
        self._link.send(json.dumps(question).encode())
        return json.loads(self._link.recv(1 << 16))

    def wait(self, timeout: float) -> int | None:
        end = time.monotonic() + timeout
        while "failed" in (answer := self.ask({"reap": self.pid})):
            assert time.monotonic() < end, "it has not ended"
            time.sleep(0.01)
        return answer["ended"]["code"]

    def runs(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        self._link.close()
        assert self._zygote.wait(120) == 0
