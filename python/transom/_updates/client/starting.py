"""Starts the new version once this one has ended, and the old one again if the new one fails."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..._program.command import arguments, start_command
from ..._program.failing import TRIED
from ..errors import UpdateError
from .installing import Installed

_SCRIPT = """\
cat >/dev/null
path=$1 kept=$2
shift 2
# A dialog of its failed start would keep the old one waiting.
[ -z "$kept" ] || export TRANSOM_UPDATE_TRIED=1
"$@" </dev/null
code=$?
unset TRANSOM_UPDATE_TRIED
if [ "$code" -ne 0 ] && [ -n "$kept" ] && [ -e "$kept" ]; then
  rm -rf "$path"
  mv "$kept" "$path" && TRANSOM_UPDATE_REVERTED=1 exec "$@" </dev/null
fi
exit "$code"
"""
"""Waits until nobody holds the other end of its input: until the app has ended."""

_REVERTED = "TRANSOM_UPDATE_REVERTED"
_OF_THE_OLD_ONE = ("APPDIR", "APPIMAGE", "ARGV0", "OWD", _REVERTED, TRIED)
"""What was told to this program, and is told anew to its successor."""


class Ending(Protocol):
    """What can end the app: an `AppHandle`."""

    def exit(self, exit_code: int, /) -> None:
        """Ends the app."""
        ...


def restart(app: Ending, installed: Installed, *, command: Sequence[str] | None = None) -> None:
    """Ends the app. Once it has ended, the new version starts.

    If the new one ends with another status than 0 before it has called `started`, the old one is
    put back, and starts: `reverted` is then true. Not on Windows.

    Args:
        app: The `AppHandle`.
        installed: What `Update.install` has returned.
        command: What to run. `None`: the AppImage with the arguments of this process, or what this
            process was started by.

    Raises:
        UpdateError: It cannot be started. The app goes on.
    """
    if sys.platform == "win32":
        raise UpdateError("the new version is not started on Windows: start it by hand")
    if command is None and installed.kind == "appimage":
        command = [str(installed.path), *sys.argv[1:]]
    elif command is None:
        command = _own_command()
    env = {name: value for name, value in os.environ.items() if name not in _OF_THE_OLD_ONE}
    kept = str(installed.kept) if installed.kept is not None else ""
    reader, writer = os.pipe()
    try:
        # `writer` stays open, and no program inherits it: it closes with this process.
        subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "sh", str(installed.path), kept, *command],
            stdin=reader,
            env=env,
            cwd=Path.home() if installed.kind == "tar" else None,
            start_new_session=True,
        )
    except OSError as error:
        os.close(writer)
        raise UpdateError(f"the new version cannot be started: {error}") from error
    finally:
        os.close(reader)
    app.exit(0)


def reverted() -> bool:
    """Whether this version was put back because a newer one did not start.

    An app that installs updates unasked should then not do so, or it would go on for ever.
    """
    return os.environ.get(_REVERTED) == "1"


def _own_command() -> list[str]:
    try:
        command = start_command(Path(sys.executable))
    except RuntimeError as error:
        raise UpdateError(f"say by `command=` what is to be started: {error}") from error
    return [*(command or [sys.executable]), *arguments(sys.orig_argv)[1:]]
