"""Stands between an app and a cluster, to cut their connection: `Wire`."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Wire:
    """Passes the bytes of TCP connections on, until it is cut."""

    def __init__(self, target: int) -> None:
        """`target`: the port on this machine to which it leads."""
        self._target = target
        self._lock = threading.Lock()
        self._ends = set[socket.socket]()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._ends |= {near, far}
            for from_, to in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(from_, to), daemon=True).start()

    def _pass_on(self, from_: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while piece := from_.recv(1 << 16):
                to.sendall(piece)
        shut((from_, to))
        with self._lock:
            self._ends -= {from_, to}
        # The other thread closes the other one.
        from_.close()

    def cut(self, *, for_good: bool = False) -> None:
        """Ends all connections. `for_good`: none comes about before it is `mended`."""
        if for_good:
            # Without it the thread would go on to accept.
            shut((self._listener,))
            self._listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        shut(tuple(ends))

    def mend(self) -> None:
        """Lets connections come about again, at the same port."""
        self._listener = self._listen(self.port)

    def close(self) -> None:
        """Ends all of it."""
        self.cut(for_good=True)


def shut(sockets: tuple[socket.socket, ...]) -> None:
    """Ends connections, and wakes who waits for them."""
    for it in sockets:
        with suppress(OSError):
            it.shutdown(socket.SHUT_RDWR)
