"""Answers imports of what PyTauri has and Transom calls by another name.

What exists is found before anybody asks here.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

ELSEWHERE: Mapping[str, str] = {
    "transom.ext_mod": "transom.EXT_MOD",
    "transom.lib": "transom",
    "transom_plugins": "transom.plugins",
    "transom_utils": "transom.async_tools",
    "transom_wheel": "transom",
}
"""What comes out of renaming PyTauri's packages, and what is meant."""


class RenamedModuleFinder(MetaPathFinder):
    """Raises `ModuleNotFoundError` with a text for modules that no other finder has found."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
        /,
    ) -> None:
        """Finds nothing."""
        if (instead := ELSEWHERE.get(fullname)) is not None:
            # Without a `name`: `from transom import lib` swallows those with one.
            raise ModuleNotFoundError(
                f"there is no `{fullname}`: what PyTauri has there, is in `{instead}` here"
            )


def answer_imports() -> None:
    """Lets the last of Python's finders be one that knows what is meant."""
    if not any(isinstance(it, RenamedModuleFinder) for it in sys.meta_path):
        sys.meta_path.append(RenamedModuleFinder())
