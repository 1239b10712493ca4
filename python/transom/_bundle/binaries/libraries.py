"""Finds out what a payload asks of the system: libraries, and how new a glibc."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import elf

OF_GLIBC = re.compile(r"(libc|libm|libdl|libpthread|librt|libutil|libresolv|ld-linux.*)\.so\.\d+")
OPENED = ("libayatana-appindicator3.so.1",)
"""What Tauri opens by name when it needs it, which no table in a file tells: tray icons."""

PACKAGES = {
    "libayatana-appindicator3.so.1": "libayatana-appindicator3-1 | libappindicator3-1",
    "libbz2.so.1.0": "libbz2-1.0",
    "libcairo.so.2": "libcairo2",
    "libcrypt.so.1": "libcrypt1",
    "libcrypto.so.3": "libssl3t64 | libssl3",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "libgcc_s.so.1": "libgcc-s1",
    "libgdk-3.so.0": "libgtk-3-0t64 | libgtk-3-0",
    "libgdk_pixbuf-2.0.so.0": "libgdk-pixbuf-2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgtk-3.so.0": "libgtk-3-0t64 | libgtk-3-0",
    "libjavascriptcoregtk-4.1.so.0": "libjavascriptcoregtk-4.1-0",
    "liblzma.so.5": "liblzma5",
    "libncursesw.so.6": "libncursesw6",
    "libpanelw.so.6": "libncursesw6",
    "libsoup-3.0.so.0": "libsoup-3.0-0",
    "libsqlite3.so.0": "libsqlite3-0",
    "libssl.so.3": "libssl3t64 | libssl3",
    "libstdc++.so.6": "libstdc++6",
    "libtinfo.so.6": "libtinfo6",
    "libuuid.so.1": "libuuid1",
    "libwebkit2gtk-4.1.so.0": "libwebkit2gtk-4.1-0",
    "libz.so.1": "zlib1g",
}
"""The packages of Debian and Ubuntu that have a library, with the names of both sides of their
change to 64-bit times.
"""


@dataclass(frozen=True)
class Asked:
    """What a payload asks of a system."""

    libraries: tuple[str, ...]
    """Names such as `libgtk-3.so.0`, without those of glibc."""
    glibc: tuple[int, ...]

    @property
    def floor(self) -> str:
        """The oldest glibc that will do, like 2.34."""
        return ".".join(map(str, self.glibc)) or "2.17"


def asked_by(root: Path) -> Asked:
    """What the binaries below a folder need that is not there with them."""
    binaries = [it for file in _binaries(root) if (it := elf.read(file))]
    there = {it.file.name for it in binaries} | {it.soname for it in binaries}
    needed = {name for it in binaries for name in it.needed} - there
    own = sorted(it for it in needed if not OF_GLIBC.fullmatch(it))
    return Asked(tuple(own), max((it.glibc for it in binaries), default=()))


def _binaries(root: Path) -> list[Path]:
    return sorted(it for it in root.rglob("*") if elf.is_elf(it))


def depends(asked: Asked) -> tuple[list[str], list[str]]:
    """The packages of Debian that a payload needs, and the libraries whose packages are unknown."""
    found, unknown = {f"libc6 (>= {asked.floor})"}, list[str]()
    for name in (*asked.libraries, *OPENED):
        package = PACKAGES.get(name) or _package_with(name)
        if package:
            found.add(package)
        else:
            unknown.append(name)
    return sorted(found), unknown


def _package_with(name: str) -> str | None:
    """The installed package of Debian that has the library."""
    file = _places().get(name)
    dpkg = shutil.which("dpkg")
    if file is None or dpkg is None:
        return None
    for path in dict.fromkeys([file, file.resolve(), Path("/usr", *file.parts[1:])]):
        done = subprocess.run([dpkg, "-S", path], check=False, text=True, capture_output=True)
        if done.returncode == 0:
            package = done.stdout.partition(":")[0]
            return (
                f"{package} | {package.removesuffix('t64')}" if package.endswith("t64") else package
            )
    return None


@cache
def _places() -> dict[str, Path]:
    """Where the system has its libraries, by their names."""
    command = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        text = subprocess.run([command, "-p"], check=True, text=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    found: dict[str, Path] = {}
    for line in text.splitlines():
        name, arrow, path = line.strip().partition(" => ")
        if arrow:
            found.setdefault(name.split()[0], Path(path))
    return found
