"""Finds the commands that start this app, where its program is a Python interpreter."""

import os
import sys
from pathlib import Path
from typing import Any

_TAKES_A_VALUE = {"-W", "-X", "--check-hash-based-pycs"}
"""The options of the interpreter whose value is the next word."""


def _folder() -> str | None:
    try:
        return str(Path.cwd())
    except OSError:
        return None


_started_in = _folder()
"""The working directory of the start, which relative words of the command line mean."""
_AGAIN = Path(__file__).with_name("again.py")
LAUNCHER = "transom.launcher"
"""The option `-X` by which the launcher of a built app names itself."""


def is_interpreter(executable: Path, /) -> bool:
    """Whether the program of this process, at `executable`, is a Python interpreter."""
    own = [sys.executable, getattr(sys, "_base_executable", None)]
    if executable.stem.lower().startswith(("python", "pypy")):
        return True
    return any(_is_same(executable, Path(it)) for it in own if it)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def start_command(executable: Path, /) -> list[str] | None:
    """The interpreter and what it runs: a script by its absolute path, or a module. Of an app that
    `transom build` has made it is the launcher.

    Without the arguments of the app. `None`: the program of this process is the app itself.

    Raises:
        RuntimeError: The app was started in a way that cannot be repeated, such as by `python -c`.
    """
    if not is_interpreter(executable):
        return None
    launcher = sys._xoptions.get(LAUNCHER)  # pyright: ignore[reportPrivateUsage]
    if isinstance(launcher, str):
        return [launcher]
    main = sys.modules["__main__"]
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None and spec.name != "__main__":
        return [sys.executable, *_module(spec.name.removesuffix(".__main__"), spec.origin)]
    # Of a zip app: the archive, which has the file in it.
    file = _archive(spec) or file
    if file is None or not (path := Path(_started_in or "", file)).exists():
        raise RuntimeError(
            "this app has no command that starts it again: start it as a script or by `-m`"
        )
    return [sys.executable, str(path.absolute())]


def _archive(spec: Any) -> str | None:
    return getattr(getattr(spec, "loader", None), "archive", None)


def restart_command(executable: Path, /) -> list[str] | None:
    """The command that waits for the end of this process, then starts the app as it was started.

    With the options of the interpreter, the arguments of the app, and the working directory of its
    start. `None`: the program of this process, at `executable`, is the app itself.

    Raises:
        RuntimeError: The interpreter got no program: it reads one from its standard input.
    """
    if not is_interpreter(executable):
        return None
    words = sys.orig_argv[1:]
    if arguments(sys.orig_argv)[:1] in ([], ["-"], sys.orig_argv[:1]):
        raise RuntimeError(
            "this app cannot start again, because its program came from the standard input: start "
            "it as a script, or by `-m` or `-c`"
        )
    waiting = [sys.executable, "-I", "-S", str(_AGAIN), str(os.getpid())]
    return [*waiting, _started_in or os.curdir, sys.executable, *words]


def _module(name: str, origin: str | None) -> list[str]:
    """The arguments that run a module, also where it is found by the current folder only."""
    # The module was found in a folder of the path; the current one is not there at another start.
    root = Path.cwd().resolve()
    if origin is None or root not in Path(origin).resolve().parents:
        return ["-m", name]
    if any(Path(it).resolve() == root for it in sys.path if "site-packages" in it):
        return ["-m", name]
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(root)!r}); "
        f"runpy.run_module({name!r}, run_name='__main__', alter_sys=True)"
    )
    return ["-c", code]


def arguments(command_line: list[str], /) -> list[str]:
    """A command line of an interpreter as `sys.argv`: what it runs, then the app's arguments.

    Of a module the first word is its name, and of code `-c`. A command line that runs nothing is
    returned as it is.
    """
    words = iter(range(1, len(command_line)))
    for at in words:
        word, rest = command_line[at], command_line[at + 1 :]
        if word == "--":
            return rest
        if word in _TAKES_A_VALUE:
            next(words, None)
        elif word == "-" or not word.startswith("-"):
            return [word, *rest]
        elif not word.startswith("--"):
            # Several letters, of which the last one may have its value here or in the next word.
            letter, value = _split(word)
            if letter == "c":
                return ["-c", *(rest if value else rest[1:])]
            if letter == "m":
                return [value, *rest] if value else rest
            if letter and not value:
                next(words, None)
    return command_line


def _split(word: str) -> tuple[str, str]:
    """The first letter of an option that takes a value, and the value, if it is there."""
    for at, letter in enumerate(word):
        if letter in "cmWX":
            return letter, word[at + 1 :]
    return "", ""
