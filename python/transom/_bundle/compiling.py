"""Compiles the Python files of a payload, in the interpreter that is part of it.

The file is also what that interpreter runs: `compiling.py FOLDER PART PARTS`. So it imports nothing
of the package.
"""

import os
import py_compile
import subprocess
import sys
from pathlib import Path

_FAILED = 1
"""The exit code of Python when an exception is raised. Others are those of the system's errors."""
PARTS = 2
"""Processes. The same files go to the same one in each build: what Python writes for a file depends
on what it has compiled before.
"""


def compile_all(program: Path, folder: Path) -> list[str]:
    """Compiles every file below the folder, and returns what could not be compiled.

    The results are marked so that Python never looks whether the source has changed.

    Raises:
        OSError: They cannot be written.
        RuntimeError: The interpreter fails.
    """
    # With the seed sets are written in the same order each time.
    env = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    if "SYSTEMROOT" in os.environ:
        env["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # Windows starts no program without it.
    command = [str(program), "-s", "-S", __file__, str(folder)]
    running = [
        subprocess.Popen([*command, str(part), str(PARTS)], env=env, stdout=subprocess.PIPE)
        for part in range(PARTS)
    ]
    texts = [process.communicate()[0].decode(errors="replace") for process in running]
    for code in {process.returncode for process in running} - {0}:
        if code > 0 and code != _FAILED:
            raise OSError(code, os.strerror(code), str(folder))
        raise RuntimeError(f"the copied interpreter ends with {code} while it compiles")
    return sorted(line for text in texts for line in text.splitlines())


def main() -> None:
    """Compiles its part of the files, and prints the names of those that are no Python."""
    folder, part, parts = sys.argv[1:]
    files = sorted(
        os.path.join(where, name)  # noqa: PTH118 - fast, and without what `pathlib` imports
        for where, _, names in os.walk(folder)
        for name in names
        if name.endswith(".py")
    )
    for file in files[int(part) :: int(parts)]:
        # Python puts the real path in when it loads the code.
        shown = os.path.relpath(file, folder)
        try:
            py_compile.compile(
                file,
                dfile=shown,
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        except (py_compile.PyCompileError, ValueError):
            sys.stdout.write(f"{shown}\n")
        except OSError as error:
            sys.exit(error.errno or _FAILED)


if __name__ == "__main__":
    main()
