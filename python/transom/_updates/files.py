"""Writes files whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import UpdateError

SECRET = 0o600


def write(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes a file in place of the one that is there. `mode=None`: as the umask says.

    Raises:
        UpdateError: It cannot be written. What was there is as it was.
    """
    with staged(path, mode) as file:
        file.write(data)


def copy(source: Path, path: Path, mode: int | None = None) -> None:
    """Copies a file in place of the one that is there.

    Raises:
        UpdateError: It cannot be read or written. What was there is as it was.
    """
    with staged(path, mode) as file, source.open("rb") as reader:
        shutil.copyfileobj(reader, file)


@contextmanager
def staged(path: Path, mode: int | None = None) -> Generator[BinaryIO, None, None]:
    """A file that takes the place of `path` when the block ends, and is removed when it raises."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:64]}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~umask() if mode is None else mode)
        temporary.replace(path)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise UpdateError(f"{path} cannot be written: {reason}") from error
        raise


def umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
