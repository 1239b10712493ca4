"""Checks what a new project may be called."""

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import TransomError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+")
_NOT_IN_FILE_NAMES = '/\\:*?"<>|{}'


class ScaffoldError(TransomError):
    """The project cannot be made. The text says what to do."""


@dataclass(frozen=True)
class Naming:
    """The names of a project: of its package, its windows, and to the system."""

    package: str
    title: str
    identifier: str

    @property
    def slug(self) -> str:
        """Its name for indexes and in addresses."""
        return self.package.lower().replace("_", "-").strip("-")

    @classmethod
    def of(cls, name: str, title: str | None = None, identifier: str | None = None) -> "Naming":
        """Those that are not given are made from the name.

        Raises:
            ScaffoldError: One of them will not do.
        """
        check_name(name)
        found = cls(name, title or name.replace("_", " ").strip().capitalize(), "")
        check_title(found.title)
        identifier = identifier or f"com.example.{found.slug}"
        check_identifier(identifier)
        return cls(name, found.title, identifier)


def check_name(name: str) -> None:
    """`ScaffoldError` unless a package of an app can have this name."""
    if not _NAME.fullmatch(name):
        better = re.sub(r"\W+", "_", name.strip(), flags=re.ASCII).strip("_").lstrip("0123456789_")
        hint = f": try `{better}`" if better and _is_free(better) else ""
        raise ScaffoldError(
            f"`{name}` cannot be the name of a Python package, which has letters from a to z, "
            f"digits and `_`, and begins with a letter{hint}"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise ScaffoldError(f"`{name}` is a word of Python's own: choose another name")
    if name.lower() in {it.lower() for it in sys.stdlib_module_names}:
        raise ScaffoldError(
            f"`{name}` is a module of Python's standard library, which an app of this name would "
            "hide: choose another name"
        )
    if name in {"tests", "frontend"}:
        raise ScaffoldError(f"`{name}` is a folder of the project itself: choose another name")
    if not _is_free(name):
        raise ScaffoldError(
            f"`{name}` is a package that is installed here, which an app of this name would hide: "
            "choose another name"
        )


def _is_free(name: str) -> bool:
    """Whether no installed package has the name. What lies in this folder is none."""
    if name in sys.stdlib_module_names:
        return False
    if (spec := importlib.util.find_spec(name)) is None:
        return True
    places = [spec.origin] if spec.origin else spec.submodule_search_locations or []
    here = Path.cwd() / name
    return all(Path(it) in (here, here / "__init__.py", here.with_suffix(".py")) for it in places)


def check_title(title: str) -> None:
    """`ScaffoldError` unless files and windows can have this title."""
    if not title.strip() or not title.isprintable():
        raise ScaffoldError("a title is a line of text: give `--title` another one")
    if found := [it for it in _NOT_IN_FILE_NAMES if it in title]:
        raise ScaffoldError(
            f"the title has a `{found[0]}`: files of the app are named after it, so it cannot have "
            f"any of {' '.join(_NOT_IN_FILE_NAMES)}"
        )


def check_identifier(identifier: str) -> None:
    """`ScaffoldError` unless systems know an app by this identifier."""
    if not _IDENTIFIER.fullmatch(identifier):
        raise ScaffoldError(
            f"`{identifier}` is no identifier of an app: write a domain of yours backwards, with "
            "letters, digits, `-` and `.`, like `com.example.notes`"
        )
    if identifier.endswith(".app"):
        raise ScaffoldError(
            f"the identifier `{identifier}` ends with `.app`, as bundles on macOS do: change it"
        )
