"""Collects the code that the nodes of a cluster need: this package, and the app's modules.

Only files of Python's are taken, and no more than the limits below: what else lies beside the code
is for nobody to send by accident.
"""

import ast
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, NamedTuple

from .._executors.surroundings import unpack
from ..errors import TransomError

NAME = "transom_shipped"
"""The package in which the code arrives. Its folder is in `sys.path` there."""
MOST_BYTES = 16 << 20
MOST_FILES = 4000
MOST_SEEN = 50_000
"""How many entries of folders are looked at."""
LEFT_OUT = {"__pycache__", "node_modules", "site-packages", "dist-packages"}
"""Folders that are left out, beside hidden ones and virtual environments."""
OWN_LEFT_OUT = {"_cli", "migrate"}
"""Folders of this package that no worker imports."""


class TooMuchCodeError(TransomError):
    """There is more than the limits allow; the text says what to do."""


class Main(NamedTuple):
    """The app's main module, as a worker of the cluster finds it."""

    name: str | None
    path: str | None
    """Within the shipped code."""


class Shipment:
    """Code that was collected in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / NAME
        self.bytes = 0
        self.files = 0
        self.main: Main | None = None
        self._imported = set[str]()
        self._known = {"transom"}
        self._seen = 0
        self._sizes: dict[Path, int] = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / "__init__.py").touch()

    def take_own(self) -> None:
        """Takes this package, without its native half."""
        here = Path(__file__).parent.parent
        for file in code_in(here, self._look):
            if file.relative_to(here).parts[0] not in OWN_LEFT_OUT:
                self._take(file, Path(here.name) / file.relative_to(here))

    def take_app(self, setup: dict[str, Any]) -> None:
        """Takes the modules that `setup` names, or the packages that they are in. And what these
        import in their turn, as far as it was not installed.
        """
        path = [unpack(it) for it in setup["sys_path"]]
        named = {*setup["modules"], *(setup["initializer"] or ())[:1]}
        if "__main__" in named and (main := setup["main"]):
            self._take_main({name: it and unpack(it) for name, it in main.items()}, path)
        for top in sorted({it.partition(".")[0] for it in named} - {"__main__"}):
            self._take_module(top, path)
        while self._imported:
            self._take_module(self._imported.pop(), path, imported=True)

    def _take_main(self, main: dict[str, str | None], path: list[str]) -> None:
        name, where = main["name"], main["path"]
        if name is not None and where is None:
            self._take_module(name.partition(".")[0], path)
            self.main = Main(name, None)
        elif where is not None and Path(where).is_dir():
            self._take_folder(Path(where), Path())
            self.main = Main(name, "")
        elif where is not None:
            file = Path(where)
            self._take_code(file, Path(file.name))
            self.main = Main(name, file.name)

    def _take_module(self, top: str, path: list[str], *, imported: bool = False) -> None:
        self._known.add(top)
        spec = None if top in sys.stdlib_module_names else PathFinder.find_spec(top, path)
        if spec is None:
            return
        files = [Path(spec.origin)] if spec.origin is not None else []
        folders = [Path(it) for it in spec.submodule_search_locations or ()]
        if imported and any(map(is_installed, (*files, *folders))):
            return
        for folder in folders:
            self._take_folder(folder, Path(top))
        if not folders and files and files[0].suffix == ".py":
            self._take_code(files[0], Path(files[0].name))

    def _take_folder(self, folder: Path, to: Path) -> None:
        for file in code_in(folder, self._look):
            self._take_code(file, to / file.relative_to(folder))

    def _take_code(self, file: Path, to: Path) -> None:
        if self._take(file, to):
            self._imported |= imports_of(file) - self._known
            self._known |= self._imported

    def _look(self, entries: int, folder: Path) -> None:
        self._seen += entries
        if self._seen > MOST_SEEN:
            raise TooMuchCodeError(
                f"`{folder}` and other folders of the app hold more than {MOST_SEEN} files, which "
                f"are too many to look for code in. {ADVICE}"
            )

    def _take(self, file: Path, to: Path) -> bool:
        target = self.folder / to
        if target.exists():
            return False
        size = file.stat().st_size
        self.bytes, self.files = self.bytes + size, self.files + 1
        self._sizes[file.parent] = self._sizes.get(file.parent, 0) + size
        if self.bytes > MOST_BYTES or self.files > MOST_FILES:
            largest = max(self._sizes, key=lambda it: self._sizes[it])
            raise TooMuchCodeError(
                f"the app's code is more than {MOST_BYTES >> 20} MB or {MOST_FILES} files, most of "
                f"it in `{largest}`, which is too much to send to a cluster. {ADVICE}"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        return True


ADVICE = (
    "Put the commands into a package of their own, or say what to send: "
    '`RayExecutor(runtime_env={"working_dir": …})`'
)


def code_in(folder: Path, look: Any) -> Iterator[Path]:
    """The files of Python's in a folder and below. `look` is told how many entries were seen."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        look(len(folders) + len(files), here)
        folders[:] = sorted(it for it in folders if is_for_code(here / it))
        yield from (here / it for it in sorted(files) if it.endswith(".py") and it[0] != ".")


def is_for_code(folder: Path) -> bool:
    """Whether a folder is looked into."""
    if folder.name in LEFT_OUT or folder.name.startswith("."):
        return False
    return not (folder / "pyvenv.cfg").exists()


def imports_of(file: Path) -> set[str]:
    """The top-level names of the modules that a file imports, wherever it does. Empty if it cannot
    be read as Python.
    """
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (SyntaxError, ValueError, RecursionError, OSError):
        return set()
    plain = (alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names)
    those = (node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level)
    return {it.partition(".")[0] for it in (*plain, *those) if it}


def is_installed(file: Path) -> bool:
    """Whether a file was installed with Python or into it, beside packages of others."""
    return "site-packages" in file.parts or "dist-packages" in file.parts


def collect(setup: dict[str, Any], folder: Path, *, app: bool) -> Shipment:
    """Collects the code in a folder. `app`: that of the app, too."""
    shipment = Shipment(folder)
    shipment.take_own()
    if app:
        shipment.take_app(setup)
    return shipment
