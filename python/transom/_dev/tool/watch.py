"""Says what a changed file means for the app."""

from collections.abc import Iterable
from pathlib import Path

from ..._project.configuration import NAMES
from .project import App
from .session import Saved

NATIVE = {".so", ".pyd", ".dylib", ".dll"}
BYTECODE = {".pyc", ".pyo"}


def saved(app: App, files: Iterable[Path]) -> Saved | None:
    """What these changes mean together. `None`: nothing."""
    code, pages, start = set[Path](), False, None
    for file in files:
        if app.types is not None and file == app.types:
            continue  # the agent has written it
        if _is_read_at_start(app, file):
            start = file.name
        elif file.suffix == ".py":
            code.add(file)
        elif file.suffix in NATIVE and file.is_relative_to(app.root):
            start = file.name
        elif app.pages is not None and file.is_relative_to(app.pages):
            pages = pages or _is_shown(file)
    if not code and not pages and start is None:
        return None
    return Saved(frozenset(code), pages, start)


def _is_shown(file: Path) -> bool:
    """Whether a page may show it: it is no draft of an editor, nor of the types."""
    is_draft = file.name.startswith(".") or file.name.endswith("~")
    return not is_draft and file.suffix not in BYTECODE


def _is_read_at_start(app: App, file: Path) -> bool:
    if file.is_relative_to(app.config / "capabilities"):
        return file.suffix in (".json", ".json5", ".toml")
    names = {name.partition(".")[0].lower() for name in NAMES}
    is_one = file.suffix in (".json", ".json5", ".toml") and (
        file.name.partition(".")[0].lower() in names
    )
    return is_one and file.parent == app.config
