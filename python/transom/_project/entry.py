"""Finds what starts an app whose project does not say it: a package, or a script."""

from collections.abc import Iterable
from pathlib import Path

SCRIPTS = ("app.py", "main.py")
"""In the order in which they are looked for, after packages."""


def starting_packages(folder: Path) -> list[str]:
    """The packages of a folder that `python -m` starts."""
    names = (it.parent.name for it in folder.glob("*/__main__.py"))
    return sorted(it for it in names if it.isidentifier())


def package_of(project: str, folders: Iterable[Path]) -> str | None:
    """The package that has the name of its project, if one of these folders has it."""
    name = project.replace("-", "_").replace(".", "_")
    return name if any(name in starting_packages(it) for it in folders) else None
