"""Speaks the Debug Adapter Protocol, as an editor does that attaches to `transom dev --debug`."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import Json

PATIENCE = 120.0


class Debugger:
    """One debug session: with the app, or with one of its workers."""

    def __init__(self, port: int, breakpoints: dict[Path, list[str]], **attach: Any) -> None:
        """Attaches. `breakpoints`: by file, the texts of the lines to stop at."""
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._seq = 0
        self._events: list[Json] = []
        self.breakpoints = breakpoints
        self.request("initialize", adapterID="python", clientID="test")
        connect = {"host": "127.0.0.1", "port": port}
        attached = self._send("attach", **{"connect": connect, "justMyCode": True, **attach})
        self.wait("initialized")
        for file, texts in breakpoints.items():
            lines = file.read_text().splitlines()
            marks = [{"line": 1 + next(n for n, it in enumerate(lines) if t in it)} for t in texts]
            self.request("setBreakpoints", source={"path": str(file)}, breakpoints=marks)
        self.request("configurationDone")
        self._answer(attached)

    def _send(self, command: str, **arguments: Any) -> int:
        self._seq += 1
        about = {"seq": self._seq, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(about).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        return self._seq

    def _receive(self) -> Json:
        size = 0
        while line := self._stream.readline().strip():
            size = int(line.removeprefix(b"Content-Length:"))
        assert size, "the debugger has ended the connection"
        return json.loads(self._stream.read(size))

    def _until(self, is_it: Callable[[Json], bool]) -> Json:
        while not is_it(message := self._receive()):
            if message["type"] == "event":
                self._events.append(message)
        return message

    def _answer(self, seq: int) -> Json:
        answer = self._until(lambda it: it["type"] == "response" and it["request_seq"] == seq)
        assert answer["success"], answer
        return answer.get("body", {})

    def request(self, command: str, **arguments: Any) -> Json:
        """Asks for something, and gives the answer."""
        return self._answer(self._send(command, **arguments))

    def wait(self, event: str) -> Json:
        """What the next event of this kind says."""
        for it in self._events:
            if it["event"] == event:
                self._events.remove(it)
                return it.get("body", {})
        return self._until(lambda it: it.get("event") == event).get("body", {})

    def stopped(self) -> tuple[int, str]:
        """Waits for a breakpoint. Gives the thread, and the function in which it stands."""
        thread = self.wait("stopped")["threadId"]
        (frame, *_) = self.request("stackTrace", threadId=thread)["stackFrames"]
        return thread, frame["name"]

    def go_on(self, thread: int) -> None:
        self.request("continue", threadId=thread)

    def worker(self) -> Debugger:
        """Attaches to the next worker that starts."""
        about = self.wait("debugpyAttach")
        port = about.pop("connect")["port"]
        return Debugger(port, self.breakpoints, **about)

    def ended(self) -> None:
        """Waits until the process has ended, and leaves, as an editor does."""
        self.wait("terminated")
        self.close()

    def close(self) -> None:
        self._stream.close()
        self._socket.close()
