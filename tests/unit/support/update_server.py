"""Serves a folder on loopback over TLS, with a certificate authority of its own, and without."""

from __future__ import annotations

import functools
import http.server
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

SHORT = b"short"
"""The last bytes of a file of which the server gives the first half, and ends."""
SLOW = b"slow"
"""The last bytes of a file of which the server gives the first half, and waits."""


@dataclass
class Served:
    """A folder on the web."""

    url: str
    plain: str
    """The same without TLS."""
    folder: Path
    authority: Path
    redirects: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])
    halved: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> ssl.SSLContext:
        """Trusts this server."""
        return ssl.create_default_context(cafile=str(self.authority))


class Files(http.server.SimpleHTTPRequestHandler):
    """A static web server, with redirects and a slow file."""

    def __init__(self, *args: object, served: Served) -> None:
        self.served = served
        super().__init__(*args, directory=str(served.folder))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def do_GET(self) -> None:
        self.served.asked.append(self.path)
        if target := self.served.redirects.get(self.path):
            self.send_response(302)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path = Path(self.translate_path(self.path))
        if path.is_file() and (data := path.read_bytes()).endswith((SLOW, SHORT)):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            if data.endswith(SHORT):
                self.close_connection = True
                return
            self.served.halved.set()
            self.served.go_on.wait(120)
            try:
                self.wfile.write(data[len(data) // 2 :])
            except OSError:
                self.close_connection = True
            return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is there
        """Logs nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is what some tests are about."""


@functools.cache
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def serving(folder: Path, room: Path) -> Generator[Served, None, None]:
    """Serves `folder`. The certificate of the authority is written into `room`."""
    room.mkdir(parents=True, exist_ok=True)
    file = room / "authority.pem"
    authority().cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("localhost").configure_cert(context)
    served = Served("", "", folder, file)
    handler = functools.partial(Files, served=served)
    server, plain = (_Server(("127.0.0.1", 0), handler) for _ in range(2))
    # The handshake in the thread of each connection: a client that refuses harms no other.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    served.url = f"https://localhost:{server.server_port}"
    served.plain = f"http://localhost:{plain.server_port}"
    try:
        with _running(server), _running(plain):
            yield served
    finally:
        served.go_on.set()


@contextmanager
def _running(server: _Server) -> Generator[None, None, None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
