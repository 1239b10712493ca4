"""Generates the error codes for TypeScript and Python from `src/error.rs`.

`python scripts/codes.py` writes the two files; `--check` compares them and fails on a difference.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "error.rs"
ROW = re.compile(r"/// (?P<doc>.+)\n\s+\w+ = \"(?P<code>[a-z-]+)\", retryable: (?P<retry>\w+);")


def rows() -> list[tuple[str, str, bool]]:
    """Code, description and whether it is retryable, in the order of the enum."""
    found = [(m["code"], m["doc"], m["retry"] == "true") for m in ROW.finditer(SOURCE.read_text())]
    if not found:
        sys.exit(f"no error codes found in {SOURCE}")
    return found


def typescript() -> str:
    lines = [
        "// Generated from src/error.rs by scripts/codes.py. Change it there.",
        "",
        "/** Every code a call can end with, in the order of the documentation. */",
        "export const ERROR_CODES = [",
        *(f'  "{code}",' for code, _, _ in rows()),
        "] as const;",
        "",
        "/** Why a call did not end with a value. */",
        "export type ErrorCode = (typeof ERROR_CODES)[number];",
    ]
    return "\n".join(lines) + "\n"


def python() -> str:
    table = rows()
    lines = [
        '"""Error codes. Generated from src/error.rs by scripts/codes.py. Change it there."""',
        "",
        "from typing import Literal",
        "",
        "ErrorCode = Literal[",
        *(f'    "{code}",  # {doc}' for code, doc, _ in table),
        "]",
        '"""Why a call did not end with a value."""',
        "",
        "ERROR_CODES: tuple[ErrorCode, ...] = (",
        *(f'    "{code}",' for code, _, _ in table),
        ")",
    ]
    return "\n".join(lines) + "\n"


TARGETS = {
    ROOT / "js" / "src" / "codes.ts": typescript,
    ROOT / "python" / "transom" / "_codes.py": python,
}


def main() -> None:
    check = "--check" in sys.argv
    stale: list[str] = []
    for path, text in TARGETS.items():
        if path.exists() and path.read_text() == text():
            continue
        if check:
            stale.append(str(path.relative_to(ROOT)))
        else:
            path.write_text(text())
    if stale:
        sys.exit(f"stale, run `python scripts/codes.py`: {', '.join(stale)}")


if __name__ == "__main__":
    main()
