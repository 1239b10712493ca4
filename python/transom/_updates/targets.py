"""Says for which system a file is, by its name, in the words of Tauri's manifests."""

import platform
import re
import sys
from dataclasses import dataclass

from .errors import UpdateError

_ARCHITECTURES = {
    "x86_64": "x86_64|amd64|x64",
    "aarch64": "aarch64|arm64",
    "i686": "i[3-6]86|x86",
    "armv7": "armv7l?|armhf",
    "riscv64": "riscv64",
}
_KINDS = {
    ".appimage": ("linux", "appimage"),
    ".deb": ("linux", "deb"),
    ".rpm": ("linux", "rpm"),
    ".tar.xz": ("linux", "tar"),
    ".app.tar.gz": ("darwin", "app"),
    ".exe": ("windows", "nsis"),
    ".msi": ("windows", "msi"),
}
"""By the end of a file's name: the system and the kind of installer."""
PREFERRED = ("appimage", "deb", "rpm", "tar", "app", "nsis", "msi")
"""Which kind stands for its system, if there are several."""


@dataclass(frozen=True)
class Target:
    """What a file is for: `linux-x86_64`, `deb`."""

    system: str
    kind: str

    @property
    def key(self) -> str:
        """The key in a manifest, `linux-x86_64-deb`."""
        return f"{self.system}-{self.kind}"


def kind_of(name: str) -> tuple[str, str] | None:
    """The system and the kind of installer by a file's name, like `("linux", "deb")`."""
    for end, kind in _KINDS.items():
        if name.lower().endswith(end):
            return kind
    return None


def target_of(name: str, system: str | None = None) -> Target:
    """The target of a file. `system`, like `linux-x86_64`, holds against the name.

    Raises:
        UpdateError: The name does not say it.
    """
    found = kind_of(name)
    if found is None:
        raise UpdateError(
            f"{name} is none of the files that an update can be: {', '.join(_KINDS)}"
            + ("; for macOS make an .app.tar.gz" if name.lower().endswith(".dmg") else "")
        )
    if system is not None:
        return Target(system, found[1])
    for architecture, names in _ARCHITECTURES.items():
        if re.search(rf"(?<![a-z0-9])(?:{names})(?![a-z0-9])", name.lower()):
            return Target(f"{found[0]}-{architecture}", found[1])
    raise UpdateError(
        f"the name {name} does not say for which processor it is: name it so, as in "
        f"app_1.0.0_amd64.deb, or give --target {found[0]}-x86_64"
    )


def here() -> tuple[str, str]:
    """The system and the processor of this process, like `("linux", "x86_64")`."""
    system = {"win32": "windows", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    for architecture, names in _ARCHITECTURES.items():
        if re.fullmatch(names, machine):
            return system, architecture
    return system, machine
