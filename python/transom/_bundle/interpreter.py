"""Copies the running interpreter and makes it relocatable."""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from .binaries import elf
from .errors import BuildError

PRUNED = (
    "test", "tests", "idle_test", "idlelib", "tkinter", "turtledemo", "turtle.py", "ensurepip",
    "lib2to3", "pydoc_data", "config-*", "site-packages", "dist-packages", "__pycache__",
    "sitecustomize.py", "usercustomize.py", "EXTERNALLY-MANAGED", "__phello__", "_tkinter*.so",
    "_test*.so", "_ctypes_test*.so", "_xx*.so", "xx*.so", "nis*.so", "*.a", "*.o", "*.orig",
    "_tkinter*.pyd", "_test*.pyd", "_ctypes_test*.pyd", "xx*.pyd", "tcl8*.dll", "tk8*.dll",
)  # fmt: skip
"""What an app has no use for, by name, anywhere in the standard library."""
GPL = ("readline*.so", "_gdbm*.so")
"""Extension modules whose libraries are under the GNU GPL, which would hold for the whole."""
KEPT = ("_xxsubinterpreters*.so", "_xxinterpchannels*.so")
"""What is used in spite of its name."""
SEARCHED = "$ORIGIN/../lib"


@dataclass
class Interpreter:
    """The copy of an interpreter."""

    program: Path
    packages: Path
    """Where it looks for installed packages."""
    library: Path
    """Its standard library."""
    warnings: list[str] = field(default_factory=list[str])


def copy(target: Path, name: str) -> Interpreter:
    """Copies the interpreter that runs this, as `name`, without what an app does not need.

    Raises:
        BuildError: It is no CPython, or its copy does not start, or looks elsewhere.
    """
    if sys.implementation.name != "cpython":
        raise BuildError(f"an app can be built by CPython, not by {sys.implementation.name}")
    base = Path(sys.base_prefix).resolve()
    if sys.platform == "win32":
        return _copy_on_windows(base, target, name)
    if sysconfig.get_config_var("PYTHONFRAMEWORK"):
        raise BuildError(
            f"the Python in {base} is a framework of macOS, which cannot be moved. Use one of "
            "python-build-standalone, such as `uv python install` brings"
        )
    program = target / "bin" / name
    program.parent.mkdir(parents=True)
    original = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    shutil.copyfile(original, program)
    program.chmod(0o755)
    warnings: list[str] = []
    _copy_own_library(program, target / "lib", base, warnings)
    library = _copy_standard_library(base, target)
    _strip(target, warnings)
    packages = _packages(program, target)
    if not base.is_relative_to("/usr"):
        return Interpreter(program, packages, library, warnings)
    warnings.append(
        f"the interpreter {original} belongs to this system: its copy needs the same system "
        "libraries. One of python-build-standalone (such as uv installs) needs fewer"
    )
    return Interpreter(program, packages, library, warnings)


def _copy_on_windows(base: Path, target: Path, name: str) -> Interpreter:
    """Copies an interpreter whose files are all beside its program."""
    original = base / "pythonw.exe"  # It opens no console beside the app's windows.
    if not original.is_file():
        raise BuildError(f"the Python in {base} has no `pythonw.exe`: use one of python.org or uv")
    target.mkdir(parents=True)
    program = target / f"{name}.exe"
    shutil.copyfile(original, program)
    for file in base.glob("*.dll"):
        shutil.copyfile(file, target / file.name)
    library = target / "Lib"
    shutil.copytree(base / "Lib", library, ignore=_left_out)
    shutil.copytree(base / "DLLs", target / "DLLs", ignore=_left_out)
    return Interpreter(program, _packages(program, target), library)


def _copy_own_library(program: Path, target: Path, base: Path, warnings: list[str]) -> None:
    """Copies the library that has the interpreter in it, where it is one of its own."""
    asked = elf.read(program)
    names = [it for it in asked.needed if it.startswith("libpython")] if asked else []
    if not names:
        return
    loaded = {Path(it.split()[-1]) for it in _maps() if it.split()[-1].startswith("/")}
    found = next((it for it in loaded if it.name.startswith("libpython3.")), None)
    if found is None or not found.resolve().is_relative_to(base) or base == Path("/usr"):
        warnings.append(f"{names[0]} is taken from the system where the app runs")
        return
    target.mkdir(parents=True, exist_ok=True)
    to = target / names[0]
    shutil.copyfile(found.resolve(), to)
    to.chmod(0o755)
    old = asked.runpath if asked else None
    if (old is None or "$ORIGIN" not in old) and not elf.set_runpath(program, SEARCHED):
        raise BuildError(
            f"the interpreter in {base} cannot be moved: its program has no room for the path of "
            f"{names[0]}. Use one of python-build-standalone, such as `uv python install` brings"
        )


def _maps() -> list[str]:
    return Path("/proc/self/maps").read_text().splitlines()


def _copy_standard_library(base: Path, target: Path) -> Path:
    library = Path(os.__file__).resolve().parent
    to = target / library.relative_to(base)
    shutil.copytree(library, to, ignore=_left_out, dirs_exist_ok=True)
    extensions = Path(sysconfig.get_config_var("DESTSHARED") or "")
    if extensions.is_dir() and not extensions.resolve().is_relative_to(library):
        relative = extensions.resolve().relative_to(base)
        shutil.copytree(extensions, target / relative, ignore=_left_out, dirs_exist_ok=True)
    return to


def _left_out(_folder: str, names: list[str]) -> list[str]:
    return [it for it in names if _is_pruned(it)]


def _is_pruned(name: str) -> bool:
    if any(fnmatchcase(name, it) for it in KEPT):
        return False
    return any(fnmatchcase(name, it) for it in (*PRUNED, *GPL))


def _strip(target: Path, warnings: list[str]) -> None:
    """Takes symbols for debuggers out of the interpreter. Libraries of wheels may not bear it."""
    if sys.platform != "linux":
        return  # It would break the signatures of macOS.
    strip = shutil.which("strip")
    if strip is None:
        warnings.append("`strip` is not there, of binutils: the app is some megabytes larger")
        return
    files = sorted(str(it) for it in target.rglob("*") if elf.is_elf(it))
    done = subprocess.run(
        [strip, "--strip-unneeded", *files], check=False, text=True, capture_output=True
    )
    if done.returncode != 0:
        warnings.append(f"not everything could be stripped: {done.stderr.strip()}")


def _packages(program: Path, target: Path) -> Path:
    """Where the copy looks for packages, as it says itself."""
    lines = ask(program, "import site, sys; print(sys.prefix, *site.getsitepackages(), sep='\\n')")
    root = target.resolve()
    inside = [Path(it) for it in lines if Path(it).resolve().is_relative_to(root)]
    if not inside or inside[0].resolve() != root or len(inside) < 2:
        raise BuildError(
            f"the copy of this interpreter looks for its files elsewhere ({', '.join(lines)}), so "
            "it cannot be moved. Use one of python-build-standalone, such as `uv python install` "
            "brings"
        )
    usual = [it for it in inside[1:] if it.name in {"site-packages", "dist-packages"}]
    return usual[0] if usual else inside[1]


def ask(program: Path, code: str) -> list[str]:
    """The lines that the code prints in that interpreter, which has an empty environment.

    Raises:
        BuildError: It fails.
    """
    command = [str(program), "-I", "-B", "-c", code]
    done = subprocess.run(command, check=False, text=True, capture_output=True, env=nothing())
    if done.returncode != 0:
        raise BuildError(f"the copied interpreter fails:\n{done.stderr.strip()}")
    return done.stdout.splitlines()


def nothing() -> dict[str, str]:
    """An environment with nothing in it but what Windows starts no program without."""
    return {it: os.environ[it] for it in ("SYSTEMROOT",) if it in os.environ}
