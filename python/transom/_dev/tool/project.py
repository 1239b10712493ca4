"""Finds the app that `transom dev` is to run: its program, its configuration, its pages."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from ..._project.configuration import (
    ConfigTable,
    has_configuration,
    look,
    read_configuration,
    read_table,
    table_at,
    text_at,
)
from ..._project.entry import SCRIPTS, package_of, starting_packages
from ...errors import TransomError

SKIPPED = {"node_modules", "target", "dist", "build", "__pycache__", "venv", "site-packages"}
DEPTH = 4


class ProjectError(TransomError):
    """This is no app that can be run. The text says what to do."""


@dataclass(frozen=True, slots=True)
class DevServer:
    """What `build.beforeDevCommand` starts."""

    command: str
    folder: Path
    wait: bool
    """Whether it ends by itself before the app starts."""


@dataclass(frozen=True, slots=True)
class App:
    """An app in a folder."""

    root: Path
    """The folder that is watched, and in which the app runs."""
    arguments: tuple[str, ...]
    """For the interpreter: `("-m", "hello")`, or `("hello.py",)`."""
    config: Path
    """The folder of its configuration."""
    server: DevServer | None
    url: str | None
    """Where the pages come from, if a server brings them."""
    pages: Path | None
    """The folder of the pages, if no server brings them."""
    types: Path | None
    """The TypeScript to keep current."""

    @property
    def name(self) -> str:
        return self.arguments[-1]

    @property
    def address(self) -> tuple[str, int] | None:
        """The host and port of `url`."""
        if self.url is None:
            return None
        parts = urlsplit(self.url)
        return parts.hostname or "localhost", parts.port or (443 if parts.scheme == "https" else 80)


def find(target: str | None, here: Path, types: Path | None = None) -> App:
    """The app that `target` names, a module or a file, or the one of the folder `here`.

    Raises:
        ProjectError: There is none.
        ConfigurationError: Its configuration cannot be read.
    """
    here = here.resolve()
    settings = _settings(here)
    named = target or text_at(settings, "app")
    if named and (folder := here / named).is_dir():
        if not (folder / "__main__.py").is_file():
            return find(None, folder, types)
        # A shell completes the name of a package to a path, like `hello/`.
        if folder.resolve().parent in (here, here / "src"):
            named = folder.resolve().name
    arguments = _program(named, here) if named else _found(here)
    near = _near(arguments, here)
    config = _folder_of_configuration(near, here)
    about = read_configuration(config)
    build = table_at(about, "build")
    url, dist = text_at(build, "devUrl"), build.get("frontendDist")
    _check_address(url)
    kept = text_at(settings, "types")
    chosen = types or (here / kept if kept else None)
    return App(
        root=here,
        arguments=arguments,
        config=config,
        server=_server(build.get("beforeDevCommand"), config),
        url=url,
        pages=(config / dist).resolve() if isinstance(dist, str) and not url else None,
        types=chosen.resolve() if chosen else None,
    )


def _check_address(url: str | None) -> None:
    try:
        if url is not None:
            _ = urlsplit(url).port
    except ValueError as error:
        raise ProjectError(f"`build.devUrl` is no address, {url!r}: {error}") from error


def _settings(here: Path) -> ConfigTable:
    file = here / "pyproject.toml"
    about = read_table(file) if file.is_file() else {}
    settings = table_at(about, "tool", "transom")
    if "app" not in settings:
        own = str(look(about, "project", "name") or "")
        if package := package_of(own, (here, here / "src")):
            settings["app"] = package
    return settings


def _program(target: str, here: Path) -> tuple[str, ...]:
    if target.endswith(".py"):
        file = here / target
        if not file.is_file():
            raise ProjectError(f"there is no file {file}")
        return (str(file),)
    path = Path(*target.split("."))
    if "/" in target or not all(target.split(".")):
        raise _no_module(target, here)
    for base in (here, here / "src"):
        file, folder = base / path.with_suffix(".py"), base / path
        if file.is_file() or (folder / "__main__.py").is_file():
            return ("-m", target)
        if folder.is_dir() and (folder / "__init__.py").is_file():
            raise ProjectError(
                f"the package `{target}` has no `__main__.py`, by which `python -m {target}` "
                "starts it: write one, or name the module that runs the app"
            )
    raise _no_module(target, here)


def _no_module(target: str, here: Path) -> ProjectError:
    return ProjectError(
        f"there is no module `{target}` in {here}: write MODULE as for `python -m`, or FILE.py"
    )


def _found(here: Path) -> tuple[str, ...]:
    for base in (here, here / "src"):
        packages = starting_packages(base)
        if len(packages) == 1:
            return ("-m", packages[0])
        if packages:
            names = ", ".join(packages)
            raise ProjectError(f"there are several apps in {base} ({names}): name one")
    for name in SCRIPTS:
        if (here / name).is_file():
            return (str(here / name),)
    raise ProjectError(
        f"there is no app in {here}: name its module or file, or go to its folder. "
        "An app is a package with `__main__.py`, or a file `app.py` or `main.py`"
    )


def _near(arguments: tuple[str, ...], here: Path) -> list[Path]:
    """The folders of the program, where its configuration is likely to be."""
    if arguments[0] != "-m":
        return [Path(arguments[0]).parent]
    package = arguments[1].partition(".")[0]
    return [base / package for base in (here, here / "src") if (base / package).is_dir()]


def _folder_of_configuration(near: list[Path], here: Path) -> Path:
    for folder in (*near, here, here / "src-tauri"):
        if has_configuration(folder):
            return folder
    found = sorted(_folders_with_one(here, DEPTH))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(str, found))
        raise ProjectError(f"there are several configurations below {here}: {names}")
    raise ProjectError(
        f"there is no configuration in {here}: an app has a `Tauri.toml` or `tauri.conf.json` "
        "beside its code"
    )


def _folders_with_one(folder: Path, depth: int) -> list[Path]:
    if has_configuration(folder):
        return [folder]
    if not depth:
        return []
    try:
        below = [it for it in folder.iterdir() if it.is_dir() and not it.name.startswith(".")]
    except OSError:
        return []  # it may not be read
    return [
        it
        for each in below
        if each.name not in SKIPPED
        for it in _folders_with_one(each, depth - 1)
    ]


def _server(command: Any, config: Path) -> DevServer | None:
    if isinstance(command, str) and command.strip():
        return DevServer(command, _project_of(config), wait=False)
    if isinstance(command, dict):
        about = cast("dict[str, Any]", command)
        if not (script := text_at(about, "script")):
            raise ProjectError('`build.beforeDevCommand` has no `script = "…"`: add one')
        folder = (config / (text_at(about, "cwd") or ".")).resolve()
        return DevServer(script, folder, wait=bool(about.get("wait")))
    return None


def _project_of(config: Path) -> Path:
    """The folder in which Tauri runs such a command: the nearest with a `package.json`."""
    for folder in (config, *config.parents[:2]):
        if (folder / "package.json").is_file():
            return folder
    return config
