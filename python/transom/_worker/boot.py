"""Starts a worker process: `python boot.py`, with the link to the host as standard input.
With the argument `zygote` it becomes the process that forks workers, with `gateway` the one that
gives calls to Ray.

Nothing of the package may be imported before the replacement of its native half is in place.
"""

import importlib.util
import os
import signal
import socket
import sys
from pathlib import Path

ZYGOTE = "zygote"
"""The argument that makes this process fork workers instead of being one."""

GATEWAY = "gateway"
"""The argument that makes this process give calls to Ray instead of running them."""

MARK = "TRANSOM_WORKER"
"""A variable that is set in a process which a pool has started, until it is connected."""


def main() -> None:
    """Becomes a worker. Returns when the host has ended the link."""
    if os.environ.pop(MARK, None) is None:
        sys.exit("this file is started by a pool of worker processes")
    # An ignored signal stays ignored in every program that is started: until ours is in its place.
    interrupts = signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()
    parent = os.getppid()
    if sys.argv[1:] != [GATEWAY]:
        # A gateway ends with its link, and what it has started before it.
        die_with_parent()
    if os.getppid() != parent:
        sys.exit("the host ended")
    link = take_link()
    provide_native()
    # In the package's own words from here on.
    from transom._app.signals import let_interrupts_pass  # noqa: PLC0415

    let_interrupts_pass(interrupts)
    if sys.argv[1:] == [ZYGOTE]:
        from transom._worker.process.relay import fork_workers  # noqa: PLC0415

        # From here on this process is one of its forks.
        link = fork_workers(link)
    if sys.argv[1:] == [GATEWAY]:
        from transom._cluster.connection import serve  # noqa: PLC0415
    else:
        from transom._worker.serve import serve  # noqa: PLC0415

    serve(link)


def take_link() -> socket.socket:
    """Moves the link away from standard input, so that user code reads empty input."""
    link = link_of(os.dup(0))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    for stream in (sys.stdout, sys.stderr):
        # A line that waits in a buffer is lost when the process dies. The host reads UTF-8 whatever
        # the encoding of the system is, and no `print` may fail for a character.
        stream.reconfigure(  # type: ignore[union-attr]
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
    return link


def link_of(descriptor: int) -> socket.socket:
    """The link with this descriptor. It waits as long as it has to, whatever other code has made
    the default of new sockets.
    """
    link = socket.socket(fileno=descriptor)
    link.settimeout(None)
    return link


def die_with_parent(by: int = signal.SIGKILL) -> None:
    """Makes this process die with the host's thread that started it, by that signal. Linux only."""
    if sys.platform != "linux":
        return
    try:
        import ctypes  # noqa: PLC0415

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, by)
    except (ImportError, OSError, AttributeError):
        pass  # the end of the link ends the process too


def provide_native() -> None:
    """Puts the replacement where `import transom` looks for its native half.

    The package's folder comes first, so that it is the one whose boot file this is.
    """
    here = Path(__file__).parent
    # The folder of this file is there, unless Python was told to be safe (`-P`, `-I`).
    sys.path[: not sys.flags.safe_path] = [str(here.parent.parent)]
    name = "transom._native"
    spec = importlib.util.spec_from_file_location(name, here / "native.py")
    if spec is None or spec.loader is None:
        sys.exit("the stand-in for the native half is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
