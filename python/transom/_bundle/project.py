"""Finds out what is to be built: the app's folder, what starts it, its names and versions."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from .._project.configuration import (
    ConfigTable,
    has_configuration,
    look,
    read_configuration,
    read_table,
    table_at,
    text_at,
    texts,
)
from .._project.entry import SCRIPTS, package_of, starting_packages
from .errors import BuildError

PLACES = (".", "src-tauri", "src", "python")
"""Folders of a project in which the configuration is looked for."""
KEYS = {
    "app", "name", "version", "description", "dependencies", "lock", "include", "exclude",
    "depends", "sign", "appimage-runtime",
}  # fmt: skip
"""The keys of `[tool.transom.build]`."""
TEXTS = ("app", "name", "version", "description", "lock", "sign", "appimage-runtime")
"""Those of them that are a text."""


@dataclass(frozen=True)
class Association:
    """Files that the app opens."""

    mime: str
    endings: list[str]
    description: str


@dataclass(frozen=True)
class AppProject:
    """An app that is to be built."""

    root: Path
    """The folder of the project, an absolute path. All of its files that count are below it."""
    configured: Path
    """The folder of the configuration, which the app gives to `run`."""
    config: ConfigTable
    name: str
    """Of the program and of its folders: small letters, digits, `-`, `+` and `.`."""
    title: str
    version: str
    identifier: str
    script: Path | None
    """What Python runs. `None`: it is `module`."""
    module: str | None
    requirements: list[str]
    own: str | None
    """The name by which the project itself may be installed."""
    lock: Path | None
    description: str
    author: str
    licence: str
    homepage: str
    include: list[str] = field(default_factory=list[str])
    exclude: list[str] = field(default_factory=list[str])
    depends: list[str] = field(default_factory=list[str])
    sign: str | None = None
    appimage_runtime: str | None = None

    @property
    def pages(self) -> list[Path]:
        """The files and folders of the pages."""
        found = look(self.config, "build", "frontendDist")
        names = texts(found, "build.frontendDist")
        return [self.configured / it for it in names if "://" not in it]

    @property
    def resources(self) -> dict[Path, str]:
        """What `bundle.resources` names, and where it goes from the configuration's folder on."""
        given: Any = look(self.config, "bundle", "resources")
        listed = cast("list[str]", given if isinstance(given, list) else [])
        named = dict.fromkeys(listed, "") if listed else cast("dict[str, str]", given or {})
        found: dict[Path, str] = {}
        for pattern, target in named.items():
            paths = sorted(self.configured.glob(pattern)) if ".." not in pattern else []
            paths = paths or [self.configured / pattern]
            for path in paths:
                if not path.exists():
                    raise BuildError(f"`bundle.resources` names {path}, which is not there")
                one = target if len(paths) == 1 else f"{target}/{path.name}"
                # As Tauri does it with what is above the folder.
                found[path] = one if target else _place_of(path, self.configured)
        return found

    @property
    def icons(self) -> list[Path]:
        """The icons of the app that are there."""
        names = texts(look(self.config, "bundle", "icon"), "bundle.icon")
        found = [self.configured / it for it in names]
        for file in found:
            if not file.is_file():
                raise BuildError(f"`bundle.icon` names {file}, which is not there")
        usual = self.configured / "icons" / "icon.png"
        return found or [it for it in [usual] if it.is_file()]

    @property
    def schemes(self) -> list[str]:
        """The URL schemes that start the app."""
        desktop: Any = look(self.config, "plugins", "deep-link", "desktop")
        rows = cast("list[Any]", desktop if isinstance(desktop, list) else [desktop])
        where = "plugins.deep-link.desktop.schemes"
        return [it for row in rows for it in texts(look(row or {}, "schemes"), where)]

    @property
    def associations(self) -> list[Association]:
        """The kinds of files that the app opens."""
        rows: Any = look(self.config, "bundle", "fileAssociations")
        found: list[Association] = []
        for row in cast("list[ConfigTable]", rows or []):
            endings = [it.lstrip(".") for it in texts(row.get("ext"), "bundle.fileAssociations")]
            mime = row.get("mimeType") or f"application/x-{self.name}-{'-'.join(endings)}"
            found.append(Association(mime, endings, row.get("description") or row.get("name", "")))
        return found


def read(folder: Path) -> AppProject:
    """The project of a folder.

    Raises:
        BuildError: It is none, or something in it is wrong.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise BuildError(f"there is no folder {root}: give that of an app")
    file = root / "pyproject.toml"
    described = read_table(file) if file.is_file() else {}
    own = table_at(described, "project")
    tool = table_at(described, "tool", "transom")
    build: ConfigTable = {**tool, **table_at(described, "tool", "transom", "build")}
    if unknown := sorted(set(table_at(tool, "build")) - KEYS):
        raise BuildError(
            f"`[tool.transom.build]` in {file} has `{unknown[0]}`, which there is not. "
            f"There are: {', '.join(sorted(KEYS))}"
        )
    configured = _configured(root)
    config = read_configuration(configured)
    for key in TEXTS:
        if not isinstance(build.get(key), str | None):
            raise BuildError(f"`{key}` of `[tool.transom.build]` is to be a text: {build[key]!r}")
    script, module = _entry(root, configured, build.get("app"), own.get("name"))
    title = text_at(config, "productName") or text_at(own, "name") or configured.name
    lock = build.get("lock")
    authors = own.get("authors", [])
    if not isinstance(authors, list):
        raise BuildError(f"`project.authors` is to be a list of tables, and is {authors!r}")
    authors = [_author(it) for it in cast("list[Any]", authors)]
    return AppProject(
        root=root,
        configured=configured,
        config=config,
        name=_name(build.get("name") or text_at(config, "mainBinaryName") or title),
        title=title,
        version=_version(config, configured, build.get("version") or own.get("version")),
        identifier=_identifier(config, configured),
        script=script,
        module=module,
        requirements=[
            *texts(own.get("dependencies"), "project.dependencies"),
            *texts(build.get("dependencies"), "tool.transom.build.dependencies"),
        ],
        own=own.get("name"),
        lock=root / lock if lock else None,
        description=str(
            build.get("description")
            or look(config, "bundle", "shortDescription")
            or own.get("description")
            or title
        ),
        author=str(look(config, "bundle", "publisher") or ", ".join(authors) or title),
        licence=str(look(config, "bundle", "license") or _licence(own)),
        homepage=str(look(config, "bundle", "homepage") or look(own, "urls", "Homepage") or ""),
        include=texts(build.get("include"), "tool.transom.build.include"),
        exclude=texts(build.get("exclude"), "tool.transom.build.exclude"),
        depends=[
            *texts(look(config, "bundle", "linux", "deb", "depends"), "bundle.linux.deb.depends"),
            *texts(build.get("depends"), "tool.transom.build.depends"),
        ],
        sign=build.get("sign"),
        appimage_runtime=build.get("appimage-runtime"),
    )


def _place_of(path: Path, folder: Path) -> str:
    """Where a resource goes that has no target: to the same place, and from above to `_up_`."""
    return os.path.relpath(path, folder).replace("..", "_up_")


def _configured(root: Path) -> Path:
    """The folder of the configuration: one of the usual ones, or a package in one of these."""
    places = [root / it for it in PLACES]
    packages = [it.parent for place in places for it in sorted(place.glob("*/__init__.py"))]
    for place in (*places, *packages):
        if has_configuration(place):
            return place.resolve()
    raise BuildError(
        f"there is no app in {root}: `transom build` wants the folder of one, which has a "
        "`Tauri.toml` or a `tauri.conf.json`"
    )


def _entry(
    root: Path, configured: Path, named: Any, own: str | None
) -> tuple[Path | None, str | None]:
    """What Python runs: a script, or else a module."""
    if named is not None:
        if str(named).endswith(".py"):
            if not (root / named).is_file():
                raise BuildError(f"`[tool.transom]` names `app = {named!r}`, which is not there")
            return root / named, None
        if not _is_there(root, str(named)):
            raise BuildError(
                f"`[tool.transom]` names `app = {named!r}`, and there is no such module in {root}"
            )
        return None, str(named)
    # In the order of `transom dev`, so that what is built is what was run.
    places = [root / it for it in PLACES]
    if own is not None and (package := package_of(own, places)):
        return None, package
    packages = next((found for it in places if (found := starting_packages(it))), list[str]())
    if len(packages) == 1:
        return None, packages[0]
    for folder in dict.fromkeys([configured, root]):
        for script in SCRIPTS:
            is_module = (folder / "__init__.py").is_file()
            if not packages and not is_module and (folder / script).is_file():
                return folder / script, None
    raise BuildError(
        f'it is not clear what starts the app in {root}: write `app = "FILE.py"`, or the name of '
        "a module, into `[tool.transom]` of pyproject.toml"
    )


def _is_there(root: Path, module: str) -> bool:
    path = module.replace(".", "/")
    places = [root / place / path for place in PLACES]
    return any(it.is_dir() or it.with_suffix(".py").is_file() for it in places)


def _name(text: str) -> str:
    name = re.sub(r"[^a-z0-9+.]+", "-", text.lower()).strip("-.+")
    if len(name) < 2:
        raise BuildError(
            f'`{text}` is no name for a program: write `name = "…"` of two or more small '
            "letters and digits into `[tool.transom.build]`"
        )
    return name


def _version(config: ConfigTable, configured: Path, own: Any) -> str:
    found = str(config.get("version") or own or "0.0.0")
    if found.endswith(".json"):
        # Tauri takes the version of a package.json.
        found = str(read_table(configured / found).get("version", ""))
    if not re.fullmatch(r"[0-9][0-9A-Za-z.+~-]*", found):
        raise BuildError(f"the version `{found}` is none: write one like 1.2.3")
    return found


def _identifier(config: ConfigTable, configured: Path) -> str:
    found = config.get("identifier")
    if not isinstance(found, str) or not re.fullmatch(r"[\w-]+(\.[\w-]+)+", found, re.ASCII):
        raise BuildError(
            f"the configuration in {configured} has no `identifier` like `com.example.app`, "
            f"but {found!r}"
        )
    return found


def _author(row: Any) -> str:
    name, mail = look(row, "name"), look(row, "email")
    return f"{name} <{mail}>" if name and mail else str(name or mail or "")


def _licence(own: ConfigTable) -> str:
    found = own.get("license")
    return str(found if isinstance(found, str) else look(found or {}, "text") or "")
