"""Runs an app for the driver, and writes its process id and exit code into files:
`_launch.py FILE PROGRAM …`.

The driver starts its app itself and tells nobody how it has ended. This is run by its path, so it
imports nothing of the package.
"""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Has the kernel kill this process when the one that has started it ends: the launcher with
    the driver, and the app with the launcher.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    """Returns the exit code; of a signal 128 and its number, as a shell has it."""
    file, command = Path(sys.argv[1]), sys.argv[2:]
    _end_with_parent()
    process = subprocess.Popen(command, preexec_fn=_end_with_parent)  # noqa: PLW1509 - no threads
    file.with_suffix(".pid").write_text(str(process.pid))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda it, _: process.send_signal(it))
    code = process.wait()
    code = code if code >= 0 else 128 - code
    written = file.with_suffix(".new")
    written.write_text(str(code))
    written.rename(file)
    return code


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
