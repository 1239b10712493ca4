"""Looks at the pages of an app: where they come from, and what builds them."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._cli import node
from ..migrate.project import is_own
from ..migrate.sources import Client, MissingClientError
from .configuration import Configuration, tables
from .finding import Finding, ok, problem, warning

CLIENT = "tauri-plugin-transom-api"
POLICY = "default-src 'self'; connect-src ipc: http://ipc.localhost"
_DEPTH = 3


def look_at_pages(configuration: Configuration, root: Path) -> Iterator[Finding]:
    """The policy, the files, the development server, Node, and the page's client."""
    if configuration.get("app", "security", "csp") is None:
        yield warning(
            "policy",
            "the pages have no Content-Security-Policy",
            f'set `app.security.csp`, for instance to "{POLICY}"',
        )
    else:
        yield ok("policy", "the pages have a Content-Security-Policy")
    yield from _look_at_files(configuration)
    yield from _look_at_server(configuration)
    packages = find_packages(root)
    if packages:
        said = node.problem()
        if said is None:
            yield ok("node", "Node, which builds the pages")
        else:
            yield problem("node", said, f"install Node {node.NEEDED}")
    for package in packages:
        yield from _look_at_client(package, root)


def _look_at_files(configuration: Configuration) -> Iterator[Finding]:
    place = configuration.get("build", "frontendDist")
    if not isinstance(place, str) or urlsplit(place).scheme:
        return
    folder = configuration.folder / place
    build = configuration.get("build", "beforeBuildCommand")
    remedy = "build the pages: `npm run build`" if build else "make it, or correct the path"
    if not folder.is_dir():
        yield problem("pages", f"`build.frontendDist` is `{place}`, which is no folder", remedy)
        return
    missing = [
        url
        for window in configuration.windows()
        if not urlsplit(url := str(window.get("url", "index.html"))).scheme
        if not (folder / urlsplit(url).path.lstrip("/")).exists()
    ]
    for url in dict.fromkeys(missing):
        yield problem("pages", f"the page `{url}` of a window is not in `{place}`", remedy)
    if not missing:
        yield ok("pages", f"`{place}` has the pages of the windows")


def _look_at_server(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.get("build", "devUrl")
    if not isinstance(address, str):
        return
    url = urlsplit(address)
    try:
        host, port = url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)
    except ValueError:
        host, port = None, None
    if host is None or port is None:
        yield problem("port", f"`build.devUrl` is no address: `{address}`", "correct it")
    elif _answers(host, port):
        yield warning(
            "port",
            f"port {port}, which `build.devUrl` names, is in use",
            "if that is no development server of this app, end it, or choose another port",
        )
    else:
        yield ok("port", f"port {port} is free for the development server")


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def find_packages(root: Path) -> list[Path]:
    """The folders with a `package.json` of the project's own."""
    found: list[Path] = []

    def search(folder: Path, depth: int) -> None:
        if (folder / "package.json").is_file():
            found.append(folder)
        if depth < _DEPTH:
            for below in sorted(folder.iterdir()):
                if below.is_dir() and not below.is_symlink() and is_own(below):
                    search(below, depth + 1)

    search(root, 0)
    return found


def _look_at_client(package: Path, root: Path) -> Iterator[Finding]:
    shown = package.relative_to(root).as_posix()
    try:
        wanted = dependency_of(package)
    except ValueError as error:
        yield problem("client", f"`{shown}/package.json` cannot be read: {error}", "correct it")
        return
    if wanted is None:
        return
    try:
        client = Client.installed()
    except MissingClientError as error:
        yield problem("client", str(error), "install transom from a wheel")
        return
    if not (package / "node_modules").is_dir():
        yield problem(
            "client", f"the packages of `{shown}` are not installed", f"`npm install` in `{shown}`"
        )
        return
    version = client.name.removeprefix(f"{CLIENT}-").removesuffix(".tgz")
    there = _version(package / "node_modules" / CLIENT / "package.json")
    vendored = package / wanted.removeprefix("file:") if wanted.startswith("file:") else None
    remedy = "`transom doctor --fix` installs the one that belongs to it"
    if there is None:
        yield problem(
            "client", f"the page's client is missing in `{shown}`", remedy, is_fixable=True
        )
    elif there != version:
        yield problem(
            "client",
            f"the page's client in `{shown}` is {there}, and transom is {version}",
            remedy,
            is_fixable=True,
        )
    elif vendored is not None and vendored.suffix == ".tgz" and not is_same(vendored, client):
        yield problem(
            "client",
            f"`{vendored.name}` in `{shown}` is not the page's client of the installed transom",
            remedy,
            is_fixable=True,
        )
    else:
        yield ok("client", f"the page's client in `{shown}` is that of transom {version}")


def dependency_of(package: Path) -> str | None:
    """What a `package.json` says of the page's client. `None`: nothing.

    Raises:
        ValueError: It does not parse.
    """
    content: Any = json.loads((package / "package.json").read_text(encoding="utf-8"))
    for table in tables([content]):
        for kind in ("dependencies", "devDependencies"):
            for held in tables([table.get(kind)]):
                if isinstance(found := held.get(CLIENT), str):
                    return found
    return None


def _version(manifest: Path) -> str | None:
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_same(vendored: Path, client: Client) -> bool:
    """Whether a tarball is the one that the installed package carries."""
    try:
        return vendored.read_bytes() == client.data
    except OSError:
        return False
