"""Mends what can be mended without harm: the page's client."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..migrate.sources import Client, MissingClientError
from .pages import dependency_of, find_packages


def install_client(root: Path) -> Iterator[str]:
    """Installs the page's client that the installed package carries, and says what came of it."""
    npm = shutil.which("npm")
    if npm is None:
        yield "the page's client cannot be installed: there is no npm"
        return
    try:
        client = Client.installed()
    except MissingClientError as error:
        yield str(error)
        return
    for package in find_packages(root):
        if dependency_of(package) is not None:
            yield _install(package, client, npm)


def _install(package: Path, client: Client, npm: str) -> str:
    place = package / "vendor" / client.name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(client.data)
    # By name, so that npm renews what its lock file says of the old one.
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", f"file:vendor/{client.name}"],
        cwd=package,
        capture_output=True,
        # What npm writes, whatever the system's encoding is.
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        return f"npm could not install the page's client in `{package}`: {done.stderr.strip()}"
    for old in place.parent.glob("tauri-plugin-transom-api-*.tgz"):
        if old != place:
            old.unlink()
    return f"installed the page's client {client.name} in `{package}`"
