"""Runs an app while it is written: `transom dev`."""

from pathlib import Path
from typing import Annotated

import typer

from .._dev.tool.console import Console
from .._dev.tool.project import ProjectError, find
from .._dev.tool.run import run


def dev(
    app: Annotated[
        str | None,
        typer.Argument(help="The app: MODULE, FILE.py or a folder. Default: the one found here."),
    ] = None,
    types: Annotated[
        Path | None,
        typer.Option("--types", help="Keep this TypeScript file current, like src/api.ts."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON object a line, for other programs.")
    ] = False,
) -> None:
    """Run the app, and take every change over: Python is swapped in, pages are loaded anew."""
    console = Console(as_json=as_json)
    try:
        found = find(app, Path.cwd(), types)
    except ProjectError as error:
        console.write("transom", str(error), "error")
        raise typer.Exit(1) from error
    raise typer.Exit(run(found, console))
