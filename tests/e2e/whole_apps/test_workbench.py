"""Tests the workbench example, with its tour in real windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOUR = Path(__file__).parents[3] / "examples" / "workbench" / "tour.py"


def test_the_tour_of_the_workbench_passes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(TOUR), "--out", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.glob("*.png"))) >= 10
