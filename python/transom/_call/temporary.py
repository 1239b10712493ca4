"""Creates temporary folders for calls and deletes them; implements `CallContext.temp_dir`."""

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Protocol

from .. import _fork


class EndableCall(Protocol):
    """The part of a call that is needed here."""

    @property
    def command(self) -> str: ...


class Folders:
    """The temporary folders of this process's calls, inside one folder."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._chosen: Path | None = None
        self._pid = 0
        self._lock = threading.Lock()
        self._of = dict[EndableCall, Path | None]()
        """The folders of the calls that run and may ask for one. The calls themselves are the keys:
        the `id` of one that is gone may be another's.
        """

    def choose(self, root: Path) -> None:
        """Sets the folder that contains them, for another process to find if this one is killed."""
        self._chosen = root

    def admit(self, call: EndableCall) -> None:
        """Lets a call ask for a folder, until `remove`."""
        self._of[call] = None

    def of(self, call: EndableCall) -> Path:
        """The folder of a running call. `RuntimeError` for one that has ended."""
        _fork.check()
        with self._lock:
            if call not in self._of:
                raise RuntimeError(
                    f"the call of `{call.command}` has ended, and its temporary folder with it: a "
                    "task or a thread that outlives its call makes a folder of its own"
                )
            if self._root is None or self._pid != os.getpid():
                self._root, self._pid = self._make_root(), os.getpid()
                atexit.register(self._end, self._root, self._pid)
            found = self._of[call]
            if found is None:
                prefix = "".join(it for it in call.command if it.isalnum())[:32]
                found = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=self._root))
                self._of[call] = found
            return found

    def _make_root(self) -> Path:
        if self._chosen is None or self._root is not None:
            return Path(tempfile.mkdtemp(prefix="transom-"))
        try:
            # An error if it is there: somebody else has made it then.
            self._chosen.mkdir(mode=0o700)
        except FileExistsError:
            raise
        except OSError:  # its parent is gone since the pool was described, or is full
            return Path(tempfile.mkdtemp(prefix="transom-"))
        return self._chosen

    def remove(self, call: EndableCall) -> None:
        """Deletes the folder of a call that has ended, which gets none from here on."""
        # Most calls never ask. A fork that ends here has only a copy of what its parent knows.
        if call not in self._of or _fork.forked:
            return
        with self._lock:
            found = self._of.pop(call)
        if found is not None:
            shutil.rmtree(found, ignore_errors=True)

    @staticmethod
    def _end(root: Path, pid: int) -> None:
        if os.getpid() == pid:
            shutil.rmtree(root, ignore_errors=True)


folders = Folders()
