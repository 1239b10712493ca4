"""Reads and writes the folder of documents. Only this module turns a name into a path."""

import os
import re
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal, NamedTuple, cast

from transom import InvokeException

Kind = Literal["md", "txt", "csv"]

MAX_BYTES = 2 * 1024 * 1024
"""A text area is no place for more."""

_NAME = re.compile(r"[^\W_][\w .()-]{0,99}\.(md|txt|csv)")


class DocumentError(InvokeException):
    """A document cannot be had; the page shows the message as it is."""


def kind_of(name: str) -> Kind:
    """The kind of a document from its checked name."""
    return cast("Kind", name.rpartition(".")[2])


class Entry(NamedTuple):
    """A document as the folder lists it."""

    name: str
    size: int
    """Bytes."""
    modified: float
    """Seconds since 1970."""


class Library:
    """The documents of one folder, by name.

    A name is a bare file name ending in ``.md``, ``.txt`` or ``.csv``: whatever a page sends,
    no path outside the folder can come of it. Every method may block on the disk.
    """

    def __init__(self, folder: Path) -> None:
        """``folder`` must exist; sub-folders in it are ignored."""
        self.folder = folder.resolve()

    def fill_from(self, samples: Path) -> None:
        """Copy the documents of another folder into this one."""
        for file in sorted(samples.iterdir()):
            if _NAME.fullmatch(file.name):
                shutil.copy2(file, self.folder / file.name)

    def entries(self) -> list[Entry]:
        """Every document, sorted by name."""
        with os.scandir(self.folder) as files:
            found = [
                Entry(file.name, file.stat().st_size, file.stat().st_mtime)
                for file in files
                if _NAME.fullmatch(file.name) and file.is_file(follow_symlinks=False)
            ]
        return sorted(found, key=lambda entry: entry.name.casefold())

    def texts(self) -> dict[str, str]:
        """The text of every document, by name."""
        return {entry.name: self.read(entry.name) for entry in self.entries()}

    def require(self, name: str) -> None:
        """Refuse the name of a document that does not exist."""
        self._existing(name)

    def read(self, name: str) -> str:
        """The text of a document, line endings as they are on disk."""
        path = self._existing(name)
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(f"“{name}” is larger than {MAX_BYTES >> 20} MiB.")
        try:
            return path.read_bytes().decode()
        except UnicodeDecodeError:
            raise DocumentError(f"“{name}” is not UTF-8 text.") from None

    def write(self, name: str, text: str) -> None:
        """Replace the text of a document: all of it, or, if that fails, nothing."""
        path = self._path(name)
        data = text.encode()
        if len(data) > MAX_BYTES:
            raise DocumentError(f"A document may hold {MAX_BYTES >> 20} MiB at most.")
        draft: Path | None = None
        try:
            with NamedTemporaryFile(
                dir=self.folder, prefix=".", suffix=".draft", delete=False
            ) as file:
                draft = Path(file.name)
                file.write(data)
            draft.replace(path)
        except OSError as error:
            if draft:
                draft.unlink(missing_ok=True)
            raise DocumentError(f"“{name}” could not be saved: {error.strerror}.") from error

    def create(self, name: str) -> None:
        """Make an empty document; its name must be free."""
        try:
            self._path(name).open("x").close()
        except FileExistsError:
            raise DocumentError(f"There is already a document named “{name}”.") from None

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise DocumentError(f"There is no document named “{name}”.")
        return path

    def _path(self, name: str) -> Path:
        path = self.folder / name
        # The pattern alone keeps the name inside the folder; a link in the folder might lead out.
        if not _NAME.fullmatch(name) or path.is_symlink():
            raise DocumentError(
                "A name starts with a letter or a digit and ends in .md, .txt or .csv; "
                "letters, digits, spaces and . ( ) - _ may stand between."
            )
        return path
