"""Answers imports of what PyTauri has and this release has not, or has by another name.

What exists is found before anybody asks here.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

PACKAGE = "transom"

MODULES: Mapping[str, str] = {
    "menu": "menus",
    "tray": "tray icons",
}
"""Modules of this package to come, and what they are for."""

ELSEWHERE: Mapping[str, str] = {
    "transom.ext_mod": "transom.EXT_MOD",
    "transom.lib": "transom",
    "transom_plugins": "transom.plugins",
    "transom_utils": "transom.async_tools",
    "transom_wheel": "transom",
}
"""What comes out of renaming PyTauri's packages, and what is meant."""


def missing(name: str) -> AttributeError:
    """What to raise where this package has no `name`."""
    module = f"{PACKAGE}.{name}"
    text = f"module {PACKAGE!r} has no attribute {name!r}"
    return AttributeError(_text_of_module(module) if name in MODULES else text, name=name)


def _text_of_module(module: str) -> str:
    what = MODULES[module.split(".")[1]]
    return f"`{module}` is planned, and not in this release of Transom: {what}"


class Finder(MetaPathFinder):
    """Raises `ModuleNotFoundError` with a text for modules that no other finder has found."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
        /,
    ) -> None:
        """Finds nothing."""
        root, *rest = fullname.split(".")
        if root == PACKAGE and len(rest) == 1 and rest[0] in MODULES:
            # Without a `name`: `from transom import tray` swallows those with one.
            raise ModuleNotFoundError(_text_of_module(fullname))
        if (instead := ELSEWHERE.get(fullname)) is not None:
            raise ModuleNotFoundError(
                f"there is no `{fullname}`: what PyTauri has there, is in `{instead}` here"
            )


def answer_imports() -> None:
    """Lets the last of Python's finders be one that knows what is planned."""
    if not any(isinstance(it, Finder) for it in sys.meta_path):
        sys.meta_path.append(Finder())
