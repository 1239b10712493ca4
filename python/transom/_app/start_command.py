"""Finds the command that starts this app again, where the program is a Python interpreter."""

import sys
from pathlib import Path

_TAKES_A_VALUE = {"-W", "-X", "--check-hash-based-pycs"}
"""The options of the interpreter whose value is the next word."""


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
    """The interpreter and what it runs: a script by its absolute path, or a module.

    Without the arguments of the app. `None`: the program of this process is the app itself.

    Raises:
        RuntimeError: The app was started in a way that cannot be repeated, such as by `python -c`.
    """
    if not is_interpreter(executable):
        return None
    main = sys.modules["__main__"]
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None and spec.name != "__main__":
        return [sys.executable, *_module(spec.name.removesuffix(".__main__"), spec.origin)]
    if file is None or not Path(file).exists():
        raise RuntimeError(
            "this app has no command that starts it again: start it as a script or by `-m`"
        )
    return [sys.executable, str(Path(file).absolute())]


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

    Of a module the first word is its name. A command line that runs nothing is returned as it is.
    """
    words = iter(range(1, len(command_line)))
    for at in words:
        word = command_line[at]
        if word in _TAKES_A_VALUE:
            next(words, None)
        elif word in {"-m", "-c"} or word == "--":
            return command_line[at + 1 :]
        elif not word.startswith("-") or word == "-":
            return command_line[at:]
        elif not word.startswith("--") and word[-1] in "mc":
            # Such as `-um`, where the module is the next word.
            return command_line[at + 1 :]
    return command_line
