"""Defines the manifest that an app asks for, in the static format of Tauri's updater."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from .errors import UpdateError


class Platform(BaseModel):
    """The file for one system."""

    url: str
    signature: str


class Manifest(BaseModel):
    """The newest version, with a file for each system: `latest.json`."""

    version: str
    notes: str | None = None
    pub_date: datetime | None = None
    platforms: dict[str, Platform]

    def to_bytes(self) -> bytes:
        """The file, with keys in order, so that a difference shows what has changed."""
        ordered = self.model_copy(update={"platforms": dict(sorted(self.platforms.items()))})
        return ordered.model_dump_json(indent=2, exclude_none=True).encode() + b"\n"


def parse(data: bytes, where: str) -> Manifest:
    """Reads a manifest.

    Raises:
        UpdateError: It is none.
    """
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the text"
        raise UpdateError(f"{where} is no manifest of updates: {place}: {first['msg']}") from error


def read(path: Path) -> Manifest | None:
    """Reads the manifest in a file. `None`: there is no file.

    Raises:
        UpdateError: It is none.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UpdateError(f"{path} cannot be read: {error.strerror}") from error
    return parse(data, str(path))
