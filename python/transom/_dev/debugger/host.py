"""Runs debugpy in the process of the app, and stops its clock while a thread is stopped."""

import hmac
import os
import secrets
import selectors
import socket
import threading
import time
from typing import Any

from ..._executors import surroundings
from ..._native import start_clock, stop_clock
from . import STOPPED, breakpoints, library

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds that the debugger of the app's last run has to leave the port."""
LOOK = 0.1


def listen(port: int) -> int:
    """Lets a debugger attach to this process and its workers, at this port. Gives the port.

    Raises:
        RuntimeError: The port is in use.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _, port = library.debugpy().listen((HOST, port))
            break
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(LOOK)
    breakpoints.watch(stop_clock, start_clock)
    surroundings.debugger = {**_adapter(), **StoppedWorkers().listen()}
    return port


def wait_for_client() -> None:
    """Waits until a debugger has attached and set its breakpoints."""
    library.debugpy().wait_for_client()


def _adapter() -> dict[str, Any]:
    """Where the workers join the debugger of this process."""
    setup = library.pydevd().SetupHolder.setup
    address = {"host": setup["client"], "port": setup["port"]}
    return {"adapter": {**address, "access_token": setup["access-token"], "ppid": os.getpid()}}


class StoppedWorkers:
    """Stops the clock for each thread of a worker that is stopped.

    A worker connects once, and sends one byte when a thread stops, and another when it goes on.
    """

    def __init__(self) -> None:
        self._server = socket.create_server((HOST, 0))
        self._token = secrets.token_bytes(16)
        self._selector = selectors.DefaultSelector()
        self._stopped: dict[socket.socket, int] = {}
        """The workers that said the token, each with the number of its threads that are stopped."""

    def listen(self) -> dict[str, Any]:
        """Listens on a thread. Gives what a worker has to know."""
        self._selector.register(self._server, selectors.EVENT_READ)
        thread = threading.Thread(target=self._serve, name="transom-debugger", daemon=True)
        breakpoints.spare(thread).start()
        return {"stops": self._server.getsockname(), "token": self._token.hex()}

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._server:
                    worker, _ = self._server.accept()
                    self._selector.register(worker, selectors.EVENT_READ)
                else:
                    self._hear(key.fileobj)  # type: ignore[arg-type]

    def _hear(self, worker: socket.socket) -> None:
        try:
            heard = worker.recv(1024)
        except OSError:
            heard = b""
        if worker not in self._stopped:
            token, heard = heard[: len(self._token)], heard[len(self._token) :]
            if not hmac.compare_digest(token, self._token):
                return self._forget(worker)
            self._stopped[worker] = 0
        elif not heard:
            return self._forget(worker)
        for byte in heard:
            self._count(worker, 1 if byte == STOPPED[0] else -1)
        return None

    def _count(self, worker: socket.socket, change: int) -> None:
        self._stopped[worker] += change
        if change > 0:
            stop_clock()
        else:
            start_clock()

    def _forget(self, worker: socket.socket) -> None:
        """Of a worker that has ended, also one that was stopped."""
        for _ in range(self._stopped.pop(worker, 0)):
            start_clock()
        self._selector.unregister(worker)
        worker.close()
