"""Decides where a moved app gets Transom from: from where the installed one came."""

import io
import json
import tarfile
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ..errors import TransomError
from .names import CLIENT
from .requirements import Versions

NO_CLIENT = (
    "the installed transom holds no page's client: it comes from a checkout that was not set up. "
    "Run `npm ci && npm run build` in its folder `js`, or give `--index`"
)


class MissingClientError(TransomError):
    """The package was built without the page's client."""


@dataclass(frozen=True)
class Client:
    """The page's client as an npm package."""

    name: str
    """Of its file."""
    data: bytes

    @classmethod
    def installed(cls) -> "Client":
        """What the installed package carries.

        Raises:
            MissingClientError: It carries none.
        """
        try:
            data = resources.files("transom").joinpath("_client.tgz").read_bytes()
        except FileNotFoundError:
            raise MissingClientError(NO_CLIENT) from None
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            manifest = archive.extractfile("package/package.json")
            assert manifest is not None
            version = json.load(manifest)["version"]
        return cls(f"{CLIENT}-{version}.tgz", data)


@dataclass(frozen=True)
class Sources:
    """Where Python, Cargo and npm find Transom."""

    versions: Versions
    from_index: bool
    """Versions only: the indexes have Transom."""
    uses_uv: bool
    """The project has a lock file of uv's."""
    origin: str | None
    """The folder or wheel from which the installed package came, or `git+…`."""
    crate_folder: str | None
    """The folder of the crate, if it was given."""

    @property
    def crate_is_unknown(self) -> bool:
        return not self.from_index and self.crate() == f'version = "{self.versions.version}"'

    def crate(self) -> str:
        """Fields of a dependency in `Cargo.toml`."""
        if self.crate_folder is not None:
            return f"path = {json.dumps(self.crate_folder)}"
        if not self.from_index and self.origin is not None:
            if self.origin.startswith("git+"):
                return git(self.origin)
            if Path(self.origin, "Cargo.toml").is_file():
                return f"path = {json.dumps(Path(self.origin).as_posix())}"
        return f'version = "{self.versions.version}"'

    def python(self) -> str | None:
        """Fields of a source of Python packages, or `None`: an index."""
        if self.from_index or self.origin is None:
            return None
        if self.origin.startswith("git+"):
            return git(self.origin)
        return f"path = {json.dumps(Path(self.origin).as_posix())}"

    def poetry(self, extras: str) -> str:
        """The value of a dependency of Poetry's."""
        source = self.python()
        if source is None and not extras:
            return json.dumps(self.versions.caret())
        parts = [source or f"version = {json.dumps(self.versions.caret())}"]
        return f"{{ {', '.join([*parts, *([extras] if extras else [])])} }}"


def git(origin: str) -> str:
    url, _, revision = origin.removeprefix("git+").rpartition("@")
    return f"git = {json.dumps(url)}, rev = {json.dumps(revision)}"


def origin_of_the_installed() -> str | None:
    """From where pip or uv installed this package (PEP 610), or `None`: from an index."""
    try:
        text = metadata.distribution("transom").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    if text is None:
        # As in a checkout that is on the path.
        root = Path(__file__).resolve().parents[3]
        return str(root) if (root / "Cargo.toml").is_file() else None
    found: dict[str, Any] = json.loads(text)
    url = str(found["url"])
    if (vcs := found.get("vcs_info")) is not None:
        return f"git+{url}@{vcs['commit_id']}"
    parts = urlsplit(url)
    return url2pathname(unquote(parts.path)) if parts.scheme == "file" else None
