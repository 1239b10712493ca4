"""Puts the commands of the command line together."""

from typing import Annotated

import typer

from .._native import VERSION as TAURI
from .build import build
from .dev import dev
from .doctor import doctor
from .new import new
from .types import types
from .updates import app as updates

app = typer.Typer(
    name="transom", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True
)
app.command()(new)
app.command()(dev)
app.command()(build)
app.command()(types)
app.command()(doctor)
app.add_typer(updates, name="updates")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only asked for by hand

        typer.echo(f"transom {version('transom')}, Tauri {TAURI}")
        raise typer.Exit


@app.callback()
def transom(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Tools for apps that have Python behind Tauri windows."""
