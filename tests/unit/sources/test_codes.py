"""Tests that the error codes are the same in Rust, TypeScript and Python."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

from transom import ERROR_CODES, ErrorCode

ROOT = Path(__file__).resolve().parents[3]


def check(root: Path) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / "codes.py"
    return subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )


def copied(to: Path) -> Path:
    for name in ("scripts/codes.py", "src/error.rs", "js/src/codes.ts", "python/transom/_codes.py"):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text((ROOT / name).read_text())
    return to


def test_the_generated_lists_are_up_to_date() -> None:
    done = check(ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_list_that_differs_is_named(tmp_path: Path) -> None:
    root = copied(tmp_path)
    stale = root / "js" / "src" / "codes.ts"
    stale.write_text(stale.read_text().replace('"command-error"', '"command-err"'))
    done = check(root)
    assert done.returncode == 1
    assert "js/src/codes.ts" in done.stderr
    assert "_codes.py" not in done.stderr


def test_type_and_tuple_have_the_same_codes_once_each() -> None:
    assert get_args(ErrorCode) == ERROR_CODES
    assert len(set(ERROR_CODES)) == len(ERROR_CODES)
