"""Restarts an app: waits until its old process has ended, and then runs its command.

`python -I -S again.py PROCESS FOLDER COMMAND…` is run as a program of its own, by an interpreter
without packages: it must import nothing of the app's.
"""

import os
import signal
import sys
from time import sleep

PAUSE = 0.02
"""Seconds between two looks at the process."""


def main() -> None:
    """Runs `COMMAND…` in `FOLDER` once `PROCESS`, which has started this one, has ended."""
    process, folder, *command = sys.argv[1:]
    if sys.platform == "win32":
        _wait_for_process(int(process))
    else:
        # What the app has blocked is its own affair.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        # Ctrl-C ends what is to come as it ends what was.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # The interpreter ignores them, which a program that takes its place would go on with.
        for number in {signal.SIGPIPE, signal.SIGXFSZ}:
            signal.signal(number, signal.SIG_DFL)
        _close_all()
        # Descriptors are closed and threads have ended when its children get another parent.
        while os.getppid() == int(process):
            sleep(PAUSE)
    try:
        os.chdir(folder)
    except OSError as error:
        sys.stderr.write(f"transom: the app starts again in another folder: {error}\n")
    if sys.platform == "win32":
        import subprocess  # noqa: PLC0415 - there alone

        subprocess.Popen(command)
    else:
        os.execv(command[0], command)


def _close_all() -> None:
    """Closes what was inherited beside the three standard streams."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - without what `pathlib` imports
        if int(name) > 2:
            try:
                os.close(int(name))
            except OSError:
                # The folder itself, which was open to be read.
                continue


def _wait_for_process(process: int) -> None:
    if sys.platform == "win32":
        import _winapi  # noqa: PLC0415 - of Windows

        synchronize = 0x00100000
        try:
            handle = _winapi.OpenProcess(synchronize, False, process)
        except OSError:
            # It has ended already.
            return
        _winapi.WaitForSingleObject(handle, _winapi.INFINITE)


if __name__ == "__main__":
    main()
