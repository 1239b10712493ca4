"""The program: `python -m hello_app`."""

import sys
from pathlib import Path

from transom import run

from .commands import commands


def main() -> int:
    """Runs the app until its last window closes, and returns its exit code."""
    return run(commands, Path(__file__).parent)


if __name__ == "__main__":
    sys.exit(main())
