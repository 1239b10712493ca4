"""Imports modules of an app into fresh module objects, and can put the old ones back."""

import importlib
import importlib.util
import linecache
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from .graph import ModuleSource


class Renewal:
    """The modules that are replaced, old and new."""

    def __init__(self, names: Sequence[str], sources: Mapping[str, ModuleSource]) -> None:
        """`names` in the order of their imports."""
        self._names = names
        self._sources = sources
        self.old: dict[str, ModuleType] = {name: sys.modules[name] for name in names}
        self._before = set(sys.modules)

    @property
    def new(self) -> dict[str, ModuleType]:
        """The new modules by name. One whose file is gone is not among them."""
        return {name: sys.modules[name] for name in self._names if name in sys.modules}

    def load(self) -> None:
        """Imports the modules. What a module raises comes out, and `undo` has to follow."""
        importlib.invalidate_caches()
        linecache.checkcache()
        for name in self._names:
            forget_bytecode(self._sources[name].file)
            del sys.modules[name]
        for name in self._names:
            if self._sources[name].file.exists():
                importlib.import_module(name)
        self._attach()

    def _attach(self) -> None:
        """Gives new packages those of their modules that stay."""
        for name, module in list(sys.modules.items()):
            parent, _, child = name.rpartition(".")
            if parent in self.old and parent in sys.modules:
                package = sys.modules[parent]
                if child not in vars(package):
                    setattr(package, child, module)

    def undo(self) -> None:
        """Puts the old modules back, and forgets what the new ones have imported beside them."""
        for name in set(sys.modules) - self._before:
            if name.partition(".")[0] in {it.partition(".")[0] for it in self._names}:
                sys.modules.pop(name, None)
        for name, module in self.old.items():
            sys.modules[name] = module
        for name, module in self.old.items():
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], child, module)

    def rebind(self, modules: Sequence[ModuleType], also: Mapping[int, Any]) -> None:
        """Has modules that stay use the new objects in the place of those that they imported.

        `also` are further new objects, by the `id` of the old ones.
        """
        new = self.new
        news = {id(module): new[name] for name, module in self.old.items() if name in new}
        news |= also
        for module in modules:
            variables = vars(module)
            for key, value in list(variables.items()):
                if id(value) in news:
                    variables[key] = news[id(value)]
                    continue
                home = getattr(value, "__module__", None)
                name = getattr(value, "__qualname__", None)
                if not isinstance(home, str) or not isinstance(name, str) or home not in new:
                    continue
                if vars(self.old[home]).get(name) is value and name in vars(new[home]):
                    variables[key] = vars(new[home])[name]


def forget_bytecode(file: Path) -> None:
    """Removes the bytecode of a source. It is taken for current when the source was written twice
    in one second, with the same length.
    """
    with suppress(NotImplementedError, OSError):
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def resolve(modules: Mapping[str, ModuleType], module: str, qualname: str) -> Any:
    """The object of that name. `None`: there is none, or it has no place of its own."""
    found: Any = modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found
