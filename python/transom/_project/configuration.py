"""Reads the files of an app's configuration, as far as the tools need them."""

import json
import sys
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, cast

from ..errors import TransomError

ConfigTable: TypeAlias = dict[str, Any]

NAMES = ("tauri.conf.json", "tauri.conf.json5", "Tauri.toml")
"""In the order in which they are looked for."""
PLATFORM = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


class ConfigurationError(TransomError, ValueError):
    """A file cannot be read, or a value is of the wrong kind. The text names it."""


def has_configuration(folder: Path) -> bool:
    """Whether the folder has a configuration of Tauri's."""
    return any((folder / name).is_file() for name in NAMES)


def read_configuration(folder: Path) -> ConfigTable:
    """The configuration of a folder that has one, with that of this platform over it."""
    platform = (
        f"tauri.{PLATFORM}.conf.json",
        f"tauri.{PLATFORM}.conf.json5",
        f"Tauri.{PLATFORM}.toml",
    )
    return _merged(_first(folder, NAMES), _first(folder, platform))


def _first(folder: Path, names: tuple[str, ...]) -> ConfigTable:
    files = (folder / name for name in names)
    return next((read_table(file) for file in files if file.is_file()), ConfigTable())


def read_table(file: Path) -> ConfigTable:
    """The table in a file, by the ending of its name. The keys are in camel case.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
        found: Any = tomllib.loads(text) if file.suffix == ".toml" else _json(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{file} does not hold an object")
    return (
        _camel(cast("ConfigTable", found))
        if file.name.startswith("Tauri")
        else cast("ConfigTable", found)
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # Tauri takes comments and commas at the end.
        return _json5(text)


def _json5(text: str) -> Any:
    try:
        parser: Any = import_module("json5")
    except ModuleNotFoundError:
        raise ValueError(
            "it is no plain JSON: run `pip install json5`, or write it without comments"
        ) from None
    return parser.loads(text)


def _camel(value: Any) -> Any:
    """The value with keys in camel case, which `Tauri.toml` may have with hyphens."""
    if isinstance(value, dict):
        table = cast("ConfigTable", value)
        return {_camel_word(key): _camel(it) for key, it in table.items()}
    if isinstance(value, list):
        return [_camel(it) for it in cast("list[Any]", value)]
    return value


def _camel_word(key: str) -> str:
    first, *others = key.split("-")
    # The names of plugins keep their hyphens: these are names, not fields.
    return key if key in PLUGINS else first + "".join(it[:1].upper() + it[1:] for it in others)


PLUGINS = ("deep-link", "single-instance", "global-shortcut", "window-state", "clipboard-manager")


def _merged(base: Any, patch: Any) -> Any:
    """A JSON Merge Patch."""
    if not isinstance(patch, Mapping):
        return patch
    result: ConfigTable = dict(cast("ConfigTable", base)) if isinstance(base, Mapping) else {}
    for key, value in cast("ConfigTable", patch).items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def look(table: Mapping[str, Any], *path: str) -> Any:
    """The value at a path of keys, or `None`."""
    found: Any = table
    for key in path:
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, Any]", found).get(key)
    return found


def table_at(table: Mapping[str, Any], *path: str) -> ConfigTable:
    """The table at a path of keys. Empty: there is none.

    Raises:
        ConfigurationError: It is something else.
    """
    found = _kind_at(table, path, Mapping, "a table")
    return ConfigTable() if found is None else dict(found)


def text_at(table: Mapping[str, Any], *path: str) -> str | None:
    """The text at a path of keys. `None`: there is none.

    Raises:
        ConfigurationError: It is something else.
    """
    return _kind_at(table, path, str, "a text")


def _kind_at(table: Mapping[str, Any], path: tuple[str, ...], kind: Any, called: str) -> Any:
    found: Any = table
    for index, key in enumerate(path, 1):
        found = cast("Mapping[str, Any]", found).get(key)
        if found is None:
            return None
        is_last = index == len(path)
        if not isinstance(found, kind if is_last else Mapping):
            raise ConfigurationError(
                f"`{'.'.join(path[:index])}` is to be {called if is_last else 'a table'}, "
                f"and is {found!r}"
            )
    return found


def texts(value: Any, where: str) -> list[str]:
    """A list of texts, or of one; of none if there is no value.

    Raises:
        ConfigurationError: It is something else.
    """
    items = [value] if isinstance(value, str) else value or []
    if not isinstance(items, list) or not all(isinstance(it, str) for it in cast("Any", items)):
        raise ConfigurationError(f"`{where}` is to be a list of texts, and is {value!r}")
    return cast("list[str]", items)
