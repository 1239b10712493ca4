"""Asks a server, by https alone."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import urlsplit

from ..errors import UpdateError

_CHUNK = 64 * 1024
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep whom they trust, for an interpreter that was built for another one."""

OnProgress = Callable[[int, int | None], object]
"""Is told how many bytes have come, and how many there are, if the server says so."""


def trusted() -> ssl.SSLContext:
    """Trusts whom the system trusts, and `SSL_CERT_FILE`."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not context.get_ca_certs() and not (paths.cafile or paths.capath):
        for name in _AUTHORITIES:
            if Path(name).is_file():
                context.load_verify_locations(name)
                break
    return context


def get(url: str, context: ssl.SSLContext, timeout: float, limit: int) -> bytes | None:
    """The body of an answer. `None`: the server says that it has none (204).

    Raises:
        UpdateError: It does not come, or is larger than `limit` bytes.
    """
    with _opened(url, context, timeout) as answer:
        if answer.status == 204:
            return None
        data = _read(answer, limit + 1, url, timeout)
    if len(data) > limit:
        raise UpdateError(f"{url} is larger than {limit} bytes, and was not read")
    return data


def load(
    url: str,
    file: BinaryIO,
    context: ssl.SSLContext,
    timeout: float,
    *,
    progress: OnProgress,
    stopped: Callable[[], bool],
) -> None:
    """Writes what a server has into a file, chunk by chunk, until it is told to stop.

    `timeout` is how many seconds the server may be silent.

    Raises:
        UpdateError: It does not come, or not all of it.
    """
    with _opened(url, context, timeout) as answer:
        length = answer.headers.get("Content-Length")
        total = int(length) if length and length.isdecimal() else None
        done = 0
        while not stopped() and (chunk := _read(answer, _CHUNK, url, timeout)):
            file.write(chunk)
            done += len(chunk)
            progress(done, total)
        if total is not None and done != total and not stopped():
            raise UpdateError(f"{url}: the server ended after {done} of {total} bytes: try again")


@contextmanager
def _opened(
    url: str, context: ssl.SSLContext, timeout: float
) -> Generator[HTTPResponse, None, None]:
    check_https(url)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _SecureRedirects(),
    ):
        opener.add_handler(handler)
    with _said(url, timeout):
        request = urllib.request.Request(url, headers={"User-Agent": "transom-updates"})
        answer = opener.open(request, timeout=timeout)
    with answer:
        yield answer


def _read(answer: HTTPResponse, size: int, url: str, timeout: float) -> bytes:
    with _said(url, timeout):
        return answer.read(size)


@contextmanager
def _said(url: str, timeout: float) -> Generator[None, None, None]:
    """Says what a server, or the way to it, has done wrong."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise UpdateError(f"{url}: the server answers {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise UpdateError(f"{url} cannot be reached: {error.reason}") from error
    except HTTPException as error:
        raise UpdateError(f"{url}: the server's answer is broken: {error!r}") from error
    except TimeoutError as error:
        raise UpdateError(f"{url}: the server was silent for {timeout} s") from error
    except OSError as error:
        raise UpdateError(f"{url}: the connection broke: {error}") from error
    except ValueError as error:
        raise UpdateError(f"{url} is no address: {error}") from error


def check_https(url: str) -> None:
    """Refuses every address but those by https.

    Raises:
        UpdateError: It is another one.
    """
    if not _is_https(url):
        raise UpdateError(f"{url} is not asked: updates come by https alone")


def _is_https(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https"
    except ValueError:
        return False


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Goes on to where a server points, if that is by https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_https(newurl):
            fp.close()
        check_https(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
