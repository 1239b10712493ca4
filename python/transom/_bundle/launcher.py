"""Says how an app is started, and writes the script that does so on Linux and macOS."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from .project import AppProject

SCRIPT = """\
#!/bin/sh
# Starts {title}, wherever its folder is.
here={here}
launcher=$here/{name}
# What starts an AppImage again is its file, and not what it mounts now.
case "$here" in "${{APPDIR:-/none}}"/*) launcher=${{APPIMAGE:-$launcher}} ;; esac
exec "$here"/{program} {flags} -X "transom.launcher=$launcher" {start} "$@"
"""


@dataclass(frozen=True)
class Places:
    """Where the parts of an app are, from the folder of its launcher on."""

    program: str
    """The interpreter. `{name}` stands for the name of the app."""
    app: str
    here: str
    """How the launcher finds its folder, in the language of the shell."""


HERE = Places("runtime/bin/{name}", "app", '$(dirname "$(readlink -f "$0")")')
"""Links that lead to the launcher are followed."""


def flags(project: AppProject) -> list[str]:
    """The options of the interpreter: neither the user's variables nor packages count."""
    # The folder of a script comes first, as in development. A module would be looked for in the
    # working directory first.
    return ["-E", "-s"] if project.script is not None else ["-I"]


def script_of(project: AppProject) -> str | None:
    """The script that is run, below the folder of the app. `None`: it is a module."""
    if project.script is None:
        return None
    return project.script.relative_to(project.root).as_posix()


def write(file: Path, project: AppProject, places: Places) -> None:
    """Writes the script that starts the app."""
    script = script_of(project)
    start = f"-m {project.module}" if script is None else f'"$here"/{places.app}/{quote(script)}'
    text = SCRIPT.format(
        here=places.here,
        title=" ".join(project.title.split()),
        name=project.name,
        program=places.program.format(name=project.name),
        flags=" ".join(flags(project)),
        start=start,
    )
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
