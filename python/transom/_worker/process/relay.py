"""Keeps a pool's zygote while `transom dev` replaces the app's code. Linux only.

To start Python and import this package takes a third of a second, of which nothing changes. So the
process that the host has started imports none of the app's modules. It forks a `Zygote` that does,
and another in its place when they have changed. It passes on what the host asks.

The workers are its children nevertheless, as the host asks it how they have ended.
"""

import ctypes
import os
import signal
import socket
import time
from contextlib import suppress
from json import dumps, loads
from pathlib import Path
from typing import Any, NoReturn, cast

from ..._swapping import PLACE, QUICK, SLOW
from ..boot import die_with_parent
from .family import kill_family
from .zygote import HOST_GONE, QUESTION, Zygote, reap, receive, warm_pydantic

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 2.0
"""Seconds that the imports may take. For those that take longer the host starts another process,
because it does not wait long for a fork.
"""


def fork_workers(host: socket.socket) -> socket.socket:
    """Answers the host until it is gone. Returns in each worker, with its link."""
    place = os.environ.pop(PLACE, None)
    return Zygote(host).serve() if place is None else ForkRelay(host, Path(place)).serve()


class ForkRelay:
    """Passes the host's questions on to a zygote that has the newest code."""

    def __init__(self, host: socket.socket, place: Path) -> None:
        """`place` is the file in which the host counts the swaps."""
        self._host = host
        self._place = place
        self._workers: set[int] = set()
        self._preparation = ""
        self._zygote: socket.socket | None = None
        self._pid = 0
        self._loaded = b""
        """What `place` held when the zygote was forked."""
        self._on_child = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._prctl: Any = ctypes.CDLL(None).prctl

    def serve(self) -> socket.socket:
        """Answers the host. Returns in each worker, with its link."""
        warm_pydantic()
        while True:
            text, fds = receive(self._host)
            if not text:
                self._end()
            ((what, about),) = cast("dict[str, Any]", loads(text)).items()
            if what == "prepare":
                signal.signal(HOST_GONE, self._on_host_gone)
                die_with_parent(HOST_GONE)
                self._preparation = text
                link, answer = self._load(fds)
            elif what == "fork":
                link, answer = self._fork(text, fds)
            else:
                link, answer = None, reap(self._workers, about)
            if link is not None:
                return link
            for fd in fds:
                os.close(fd)
            with suppress(OSError):
                self._host.send(answer)

    def _load(self, fds: list[int]) -> tuple[socket.socket | None, bytes]:
        """Forks a zygote that imports the modules. The answer to `prepare`, or a worker's link.

        `fds` are not for the zygote, which would keep the links of a worker open.
        """
        begun = time.monotonic()
        self._drop()
        self._loaded = self._version()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            die_with_parent()
            self._host.close()
            ours.close()
            for fd in fds:
                os.close(fd)
            signal.signal(HOST_GONE, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, self._on_child)
            return Zygote(theirs, is_relayed=True).serve(), b""
        theirs.close()
        self._zygote = ours
        answer = self._ask(self._preparation, [])
        self._note(SLOW if time.monotonic() - begun > PATIENCE else QUICK)
        return None, answer

    def _fork(self, text: str, fds: list[int]) -> tuple[socket.socket | None, bytes]:
        """Has a worker forked with the newest code. The answer to `fork`, or a worker's link."""
        if self._zygote is None or self._loaded != self._version():
            link, answer = self._load(fds)
            if link is not None:
                return link, b""
            if loads(answer) != "ready":
                self._drop()
                # The host starts the worker in another way, which says what is wrong.
                reason = f"the changed modules cannot be preloaded: {answer.decode()}"
                return None, dumps({"failed": reason}).encode()
        # What loses its parent becomes a child of this process: the worker, not what workers start.
        self._prctl(PR_SET_CHILD_SUBREAPER, 1)
        try:
            answer = self._ask(text, fds)
        finally:
            self._prctl(PR_SET_CHILD_SUBREAPER, 0)
        about: Any = loads(answer)
        if isinstance(about, dict) and "pid" in about:
            self._workers.add(cast("dict[str, int]", about)["pid"])
        return None, answer

    def _ask(self, text: str, fds: list[int]) -> bytes:
        assert self._zygote is not None
        try:
            socket.send_fds(self._zygote, [text.encode()], fds)
            answer = self._zygote.recv(QUESTION)
        except OSError as error:
            answer, reason = b"", str(error)
        else:
            reason = "it has ended"
        if not answer:
            self._drop()
            return dumps({"failed": reason}).encode()
        return answer

    def _drop(self) -> None:
        """Ends the zygote. The workers that it has forked live on."""
        if self._zygote is not None:
            self._zygote.close()
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._zygote = None

    def _version(self) -> bytes:
        try:
            return self._place.read_bytes()[: -len(SLOW)]
        except OSError:
            # Each worker gets the newest code, however long that takes.
            return os.urandom(8)

    def _note(self, pace: bytes) -> None:
        with suppress(OSError), self._place.open("r+b") as file:
            file.seek(-len(pace), os.SEEK_END)
            file.write(pace)

    def _on_host_gone(self, _signum: int, _frame: object) -> None:
        self._end()

    def _end(self) -> NoReturn:
        for pid in self._workers:
            kill_family(pid)
        if self._zygote is not None:
            os.kill(self._pid, signal.SIGKILL)
        os._exit(0)
