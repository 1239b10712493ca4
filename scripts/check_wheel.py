"""Builds the wheel as `pip install .` does and checks what a user would get.

It holds the module, its types and its licences, and no copy of GTK or WebKit; installed into an
empty environment it imports, and finds its page scripts and permissions inside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "check-wheel"
LARGEST = 16 << 20
LARGEST_UNPACKED = 30_000_000


def build() -> Path:
    """The wheel, made without network: maturin is in .venv already."""
    shutil.rmtree(WORK, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(WORK), str(ROOT)]
    # Without isolation maturin is looked for on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run([*command, *options], check=True, env={**os.environ, "PATH": path})
    (wheel,) = WORK.glob("transom-*.whl")
    return wheel


def problems(wheel: Path) -> list[str]:
    """What is wrong with the wheel's contents."""
    names = zipfile.ZipFile(wheel).namelist()
    wanted = (
        "transom/__init__.py",
        "transom/_client.tgz",  # made by `npm run build` in js
        "transom/py.typed",
        "LICENSE-APACHE",
        "LICENSE-MIT",
    )
    found = [f"{w} is missing" for w in wanted if not any(name.endswith(w) for name in names)]
    natives = [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
    if len(natives) != 1 or not natives[0].startswith("transom/_native"):
        found.append(f"expected one native module, got {natives}")
    if "cp311-abi3" not in wheel.name:
        found.append(f"not an abi3 wheel for Python 3.11 and later: {wheel.name}")
    if wheel.stat().st_size > LARGEST:
        found.append(f"{wheel.stat().st_size >> 20} MiB is too large")
    unpacked = sum(file.file_size for file in zipfile.ZipFile(wheel).infolist())
    if unpacked > LARGEST_UNPACKED:
        found.append(f"{unpacked / 1e6:.1f} MB are too many, unpacked")
    return found


def importable(wheel: Path) -> bool:
    """Whether an environment that has only the dependencies can import what is in the wheel."""
    place = WORK / "env"
    venv.create(place, with_pip=False)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = WORK / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    # The dependencies come from the environment that runs this; the module from the wheel.
    packages = [p for p in sys.path if p.endswith("site-packages")]
    script = "import transom, sys; print(transom.__file__); transom.Commands()"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), *packages])}
    run = subprocess.run([str(python), "-c", script], env=env, check=False, text=True,
                         stdout=subprocess.PIPE)  # fmt: skip
    return run.returncode == 0 and str(installed) in run.stdout


def main() -> int:
    """Prints what was found; 1 if the wheel is not right."""
    wheel = build()
    found = problems(wheel)
    if not importable(wheel):
        found.append("the module in the wheel cannot be imported")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    for problem in found:
        print(f"  {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
