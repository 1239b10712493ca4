"""Builds an installer: `transom build --format deb,tar.xz`."""

import signal
import sys
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from .._project.configuration import ConfigurationError


def build(
    folder: Annotated[Path, typer.Argument(help="The folder of the app's project.")] = Path(),
    formats: Annotated[
        str, typer.Option("--format", "-f", help="deb, tar.xz, appimage; app, dmg; nsis.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to. Default: dist in FOLDER.")
    ] = None,
    compression: Annotated[
        int, typer.Option(min=0, max=9, help="0 is fast, 9 makes the smallest files.")
    ] = 6,
    sign: Annotated[
        str | None,
        typer.Option(help="A command that signs a file; {file} in it stands for the file."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Build installers of an app, with its own Python, for the system that this runs on."""
    try:
        from .._bundle.build import BuildOptions, build  # noqa: PLC0415 - its packages may be missing
        from .._bundle.errors import BuildError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"elftools", "packaging"}:
            raise
        typer.echo('transom build: run `pip install "transom[cli]"` first', err=True)
        raise typer.Exit(1) from error
    # What is half written goes, as it does with Ctrl-C.
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ending, _end)
    begun = monotonic()

    def say(text: str) -> None:
        if not quiet:
            typer.echo(f"{monotonic() - begun:6.1f} s  {text}")

    chosen = [it for it in formats.split(",") if it.strip()]
    options = BuildOptions(chosen, output or folder / "dist", compression, sign)
    try:
        files = build(folder, options, say)
    except (BuildError, ConfigurationError) as error:
        typer.echo(f"transom build: {error}", err=True)
        raise typer.Exit(1) from error
    if not quiet:
        for file in files:
            typer.echo(f"{file}: {_size(file) / 1e6:.1f} MB")


def _size(file: Path) -> int:
    """Bytes of a file, or of all that is in a folder."""
    parts = [file, *file.rglob("*")] if file.is_dir() else [file]
    return sum(it.lstat().st_size for it in parts if not it.is_dir())


def _end(number: int, _frame: object) -> None:
    sys.exit(128 + number)
