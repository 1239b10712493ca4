"""Runs an app while it is written: `transom dev`."""

from pathlib import Path
from typing import Annotated

import typer

from .._dev.tool.console import Console
from .._dev.tool.debugging import Debugging
from .._dev.tool.project import ProjectError, find
from .._dev.tool.run import run
from .._project.configuration import ConfigurationError

PORT = 5678
"""Where debugpy listens by habit."""


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
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Let a debugger attach to the app and its worker processes."),
    ] = False,
    debug_port: Annotated[
        int | None,
        typer.Option(
            "--debug-port", min=0, max=65535, help="The port for that. 0: any. Default: 5678."
        ),
    ] = None,
    wait_for_client: Annotated[
        bool, typer.Option("--wait-for-client", help="Start the app when a debugger has attached.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Of this tool itself, say only what is wrong.")
    ] = False,
) -> None:
    """Run the app, and take every change over: Python is swapped in, pages are loaded anew."""
    console = Console(as_json=as_json, quiet=quiet)
    try:
        found = find(app, Path.cwd(), types)
    except (ProjectError, ConfigurationError) as error:
        console.write("transom", str(error), "error")
        raise typer.Exit(1) from error
    debugging = None
    if debug or wait_for_client or debug_port is not None:
        debugging = Debugging(PORT if debug_port is None else debug_port, wait_for_client)
    raise typer.Exit(run(found, console, debugging))
