"""Writes to a terminal, in colours where they are wanted."""

import os
import sys

import typer


def paint(text: str, colour: str) -> str:
    """The text in a colour, if the output shows colours and `NO_COLOR` is not set."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return typer.style(text, fg=colour)


def say(text: str) -> None:
    """Writes a line, also where the terminal does not have all of its letters."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "replace").decode(encoding))


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
