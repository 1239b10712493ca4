"""Makes a new project: `transom new NAME`."""

import signal
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from .._scaffold.catalog import TEMPLATES
from .._scaffold.naming import Naming, ScaffoldError
from .._scaffold.writing import make
from . import node
from .terminal import is_interactive, paint, say

Name = StrEnum("Name", {it: it for it in TEMPLATES})
_ABOUT = "; ".join(f"{name}: {it.about}" for name, it in TEMPLATES.items())


def new(
    name: Annotated[
        str,
        typer.Argument(help="The name of the app: of its folder, and of its Python package."),
    ],
    template: Annotated[
        str | None,
        typer.Option("--template", "-t", help=f"What to begin with. {_ABOUT}.", metavar="TEMPLATE"),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The title of its windows. Default: from the name.")
    ] = None,
    identifier: Annotated[
        str | None,
        typer.Option(help="What systems know it by. Default: com.example.NAME."),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Run `npm install`, where pages are built.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing, and take the defaults.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Make a new app: two windows, commands with progress and cancel, a stream, and tests.

    It asks what to make if no option is given, and if somebody can be asked. It never writes over
    what is there.
    """
    place = Path(name)
    try:
        naming = Naming.of(place.name, title, identifier)
        given = (template, title, identifier) != (None, None, None) or install or yes or quiet
        if not given and is_interactive():
            template = _ask_for_template()
            naming = Naming.of(
                place.name,
                typer.prompt("Title of its windows", naming.title, err=True),
                typer.prompt("Identifier", naming.identifier, err=True),
            )
        template = template or "plain"
        if template not in TEMPLATES:
            raise ScaffoldError(
                f"there is no template `{template}`: choose one of {', '.join(TEMPLATES)}"
            )
        chosen = TEMPLATES[template]
        problem = node.problem() if chosen.builds_pages else None
        if install and problem is not None:
            raise ScaffoldError(problem)
        for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            signal.signal(ending, _end)
        made = make(chosen, naming, place.parent)
    except ScaffoldError as error:
        typer.echo(f"transom new: {error}", err=True)
        raise typer.Exit(1) from error
    if install and chosen.builds_pages and not node.install(made / "frontend", quiet=quiet):
        typer.echo(
            f"transom new: `npm install` has failed in {made / 'frontend'}: the app is there; run "
            "it again when that is mended",
            err=True,
        )
        raise typer.Exit(1)
    if not quiet:
        _tell(made, template, naming, problem, installed=install)


def _end(number: int, _frame: FrameType | None) -> None:
    """Leaves by an exception, so that what is half written is removed."""
    sys.exit(128 + number)


def _ask_for_template() -> str:
    for name, it in TEMPLATES.items():
        typer.echo(f"  {name:8} {it.about}", err=True)
    while True:
        answer: str = typer.prompt("Template", "plain", err=True)
        if answer in TEMPLATES:
            return answer
        typer.echo(f"  there is no `{answer}`", err=True)


def _tell(
    made: Path, template: str, naming: Naming, problem: str | None, *, installed: bool
) -> None:
    """Says what was made, and what to do next."""
    files = sum(it.is_file() for it in made.rglob("*") if "node_modules" not in it.parts)
    say(f"{paint('✓', 'green')} {naming.title}: {files} files of the template {template} in {made}")
    say("")
    say(paint("Next:", "cyan"))
    say(f"  cd {made}")
    if TEMPLATES[template].builds_pages:
        npm = "npm run build" if installed else "npm install && npm run build"
        say(f"  (cd frontend && {npm})")
    say("  transom dev")
    if problem is not None:
        say("")
        say(f"{paint('!', 'yellow')} {problem}")
    with suppress(OSError, ValueError):
        sys.stdout.flush()
