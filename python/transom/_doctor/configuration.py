"""Finds and reads the configuration of a project, and its capability files."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .._project.configuration import NAMES, ConfigTable, look, read_table
from ..migrate.project import is_own

_DEPTH = 3


@dataclass(frozen=True)
class Configuration:
    """The file, and what is in it. `None`: it is of a kind that only the app itself reads."""

    file: Path
    table: ConfigTable | None

    @property
    def folder(self) -> Path:
        return self.file.parent

    def get(self, *keys: str) -> Any:
        """What is at a path of keys, or `None`."""
        return look(self.table or {}, *keys)

    def windows(self) -> list[ConfigTable]:
        """The windows that are opened at the start."""
        return tables(self.get("app", "windows"))


@dataclass(frozen=True)
class Capability:
    """One capability, and the name of its file."""

    origin: str
    table: ConfigTable

    def labels(self) -> list[str]:
        """The windows that it is for; they may have stars."""
        names: list[Any] = [*_list(self.table.get("windows")), *_list(self.table.get("webviews"))]
        return [it for it in names if isinstance(it, str)]

    def entries(self, kind: str) -> list[ConfigTable]:
        """The scope entries `allow` or `deny` of its permissions for Python."""
        found: list[ConfigTable] = []
        for permission in tables(self.table.get("permissions")):
            if str(permission.get("identifier", "")).startswith(("transom:", "pytauri:")):
                found += tables(permission.get(kind))
        return found

    def grants_all(self) -> bool:
        """Whether its windows may call every command."""
        found = [
            it if isinstance(it, str) else cast("ConfigTable", it).get("identifier")
            for it in _list(self.table.get("permissions"))
            if isinstance(it, str | dict)
        ]
        return not {"transom:default", "transom:allow-all", "pytauri:default"}.isdisjoint(found)


def find_configurations(root: Path) -> list[Path]:
    """The configuration files of a project, those in front first."""
    return sorted(_search(root, 0), key=lambda it: len(it.parts))


def _search(folder: Path, depth: int) -> Iterator[Path]:
    file = next((folder / it for it in NAMES if (folder / it).is_file()), None)
    if file is not None:
        yield file
    if depth < _DEPTH:
        for below in own_folders(folder):
            yield from _search(below, depth + 1)


def own_folders(folder: Path) -> list[Path]:
    """The folders in a folder that hold what somebody has written; none where it cannot be read."""
    try:
        found = sorted(folder.iterdir())
        return [it for it in found if it.is_dir() and not it.is_symlink() and is_own(it)]
    except OSError:
        return []


def read_configuration(file: Path) -> Configuration:
    """Reads it, as far as the standard library can.

    Raises:
        ValueError: It does not parse. The text says where.
    """
    return Configuration(file, None if file.suffix == ".json5" else read_table(file))


def read_capabilities(configuration: Configuration) -> list[Capability]:
    """Those of the files in `capabilities`, and those that the configuration holds.

    Raises:
        ValueError: A file does not parse.
    """
    folder = configuration.folder / "capabilities"
    found: list[Capability] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".toml"} and "schemas" not in file.parts:
            content = _parse(file)
            held = [it for table in tables([content]) for it in tables(table.get("capabilities"))]
            origin = file.relative_to(configuration.folder).as_posix()
            found += [Capability(origin, it) for it in held or tables(content) or tables([content])]
    inline = tables(configuration.get("app", "security", "capabilities"))
    return [*found, *(Capability(configuration.file.name, it) for it in inline)]


def _parse(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
        return tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:  # TOML's and JSON's errors are of this kind
        raise ValueError(f"`{file.name}` cannot be read: {error}") from error


def tables(value: Any) -> list[ConfigTable]:
    """The tables of a list; none of what is no list."""
    return [cast("ConfigTable", it) for it in _list(value) if isinstance(it, Mapping)]


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
