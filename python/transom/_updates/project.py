"""Reads what an app's configuration says about updates."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .errors import UpdateError

_FILES = ("tauri.conf.json", "Tauri.toml", "tauri.conf.json5")


@dataclass(frozen=True)
class Settings:
    """What an app's configuration says. What it does not say is empty."""

    version: str
    public_key: str
    endpoints: tuple[str, ...]

    @property
    def base_url(self) -> str:
        """Where the published folder is on the web, without a `/` at its end."""
        for endpoint in self.endpoints:
            address, _, name = endpoint.rpartition("/")
            if name == "latest.json" and "{{" not in endpoint:
                return address
        return ""


def settings_of(config: Mapping[str, Any]) -> Settings:
    """Reads a configuration.

    Raises:
        UpdateError: `plugins.updater` is not what Tauri's updater takes.
    """
    plugins: Any = config.get("plugins") or {}
    updater: Any = (plugins.get("updater") if isinstance(plugins, Mapping) else None) or {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    version: Any = config.get("version") or ""
    if not isinstance(updater, Mapping):
        raise UpdateError("`plugins.updater` of the configuration must be a table")
    table = cast("Mapping[str, Any]", updater)
    key: Any = table.get("pubkey") or ""
    endpoints: Any = table.get("endpoints") or []
    if not isinstance(key, str):
        raise UpdateError("`plugins.updater.pubkey` of the configuration must be a text")
    addresses = cast("list[object]", endpoints) if isinstance(endpoints, list) else [None]
    if not all(isinstance(it, str) for it in addresses):
        raise UpdateError("`plugins.updater.endpoints` of the configuration must be texts")
    return Settings(str(version), key, tuple(map(str, addresses)))


def settings_in(folder: Path) -> Settings:
    """Reads the configuration in a folder. There may be none.

    Raises:
        UpdateError: It cannot be read.
    """
    for name in _FILES:
        path = folder / name
        if not path.is_file():
            continue
        if path.suffix == ".json5":
            raise UpdateError(f"{path} is not read here: give what it says by options")
        try:
            text = path.read_text(encoding="utf-8")
            config = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except (OSError, ValueError) as error:
            raise UpdateError(f"{path} cannot be read: {error}") from error
        if not isinstance(config, dict):
            raise UpdateError(f"{path} must hold a table")
        return settings_of(cast("dict[str, Any]", config))
    return Settings("", "", ())
