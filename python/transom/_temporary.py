"""Folders for the files of one call: behind `CallContext.temp_dir`."""

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Protocol

from . import _fork


class Ended(Protocol):
    """A call, as far as it is asked here."""

    @property
    def command(self) -> str: ...


class Folders:
    """The folders of the calls of this process, below one of its own."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._chosen: Path | None = None
        self._pid = 0
        self._lock = threading.Lock()
        self._of = dict[int, Path]()

    def choose(self, root: Path) -> None:
        """Says where they are: where somebody else looks when this process is killed."""
        self._chosen = root

    def of(self, call: Ended) -> Path:
        """The folder of a call that runs."""
        _fork.check()
        with self._lock:
            if self._root is None or self._pid != os.getpid():
                self._root, self._pid = self._make_root(), os.getpid()
                self._of.clear()
                atexit.register(self._end, self._root, self._pid)
            found = self._of.get(id(call))
            if found is None:
                prefix = "".join(it for it in call.command if it.isalnum())[:32]
                found = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=self._root))
                self._of[id(call)] = found
            return found

    def _make_root(self) -> Path:
        if self._chosen is None or self._root is not None:
            return Path(tempfile.mkdtemp(prefix="transom-"))
        # An error if it is there: somebody else has made it then.
        self._chosen.mkdir(mode=0o700)
        return self._chosen

    def remove(self, call: Ended) -> None:
        """The call has ended."""
        if self._of and (found := self._of.pop(id(call), None)):
            shutil.rmtree(found, ignore_errors=True)

    @staticmethod
    def _end(root: Path, pid: int) -> None:
        if os.getpid() == pid:
            shutil.rmtree(root, ignore_errors=True)


folders = Folders()
