"""Writes the TypeScript of an app's commands: `transom types app.main:commands -o src/api.ts`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
import watchfiles

from .._typescript.files import differs, write
from .._typescript.module import Module
from .loading import UsageError, load


def types(
    commands: Annotated[
        str, typer.Argument(help="Where the commands are: MODULE:NAME, or FILE.py:NAME.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write, like src/api.ts.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 if the file is not current.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Write it anew whenever a Python file changes here.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Write a TypeScript function for each command, with the types of what it takes and gives."""
    if check and watch:
        raise typer.BadParameter("--check and --watch do not go together")
    if watch:
        return _watch([commands, "--output", str(output), *(["--quiet"] if quiet else [])])
    try:
        text = Module(load(commands, Path.cwd())).write()
    except (UsageError, ValueError) as error:
        typer.echo(f"transom types: {error}", err=True)
        raise typer.Exit(1) from error
    try:
        if check:
            if differs(output, text):
                command = f"transom types {commands} -o {output}"
                typer.echo(f"{output} is not what the commands give: run `{command}`", err=True)
                raise typer.Exit(1)
        else:
            written = write(output, text)
            if not quiet:
                typer.echo(f"wrote {output}" if written else f"{output} is current")
    except OSError as error:
        said = f"{output} cannot be written or read ({error.strerror}): name another file by -o"
        typer.echo(f"transom types: {said}", err=True)
        raise typer.Exit(1) from error
    return None


def _watch(arguments: list[str]) -> None:
    """Runs in a process of its own each time, for Python imports a module once."""
    command = [sys.executable, "-m", "transom", "types", *arguments]
    changes = watchfiles.watch(
        Path.cwd(),
        watch_filter=watchfiles.PythonFilter(),
        rust_timeout=500,
        yield_on_timeout=True,
    )
    begun = False
    try:
        for changed in changes:
            # First when the watcher has begun, so that no change is missed.
            if changed or not begun:
                subprocess.run(command, check=False)
            begun = True
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
