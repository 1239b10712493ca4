"""Writes the icon files of macOS and Windows, of the app's PNGs or as the author has made them."""

import struct
from collections.abc import Mapping
from pathlib import Path

from .. import desktop
from ..errors import BuildError
from ..project import AppProject

KINDS = {32: b"ic11", 64: b"ic12", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}
"""What macOS calls a PNG of so many pixels. 32 and 64 are of the screens with small ones."""
LARGEST_OF_WINDOWS = 256


def icns(project: AppProject) -> bytes:
    """An icon for macOS.

    Raises:
        BuildError: No icon of the app has a size that macOS knows.
    """
    if made := _made(project, ".icns"):
        return made
    images = {width: data for width, data in _images(project).items() if width in KINDS}
    if not images:
        raise BuildError(
            "macOS wants an icon of 128, 256, 512 or 1024 pixels: name such a square PNG, or an "
            "`.icns`, in `bundle.icon` of the configuration"
        )
    parts = [KINDS[it] + struct.pack(">I", len(data) + 8) + data for it, data in images.items()]
    return b"icns" + struct.pack(">I", sum(map(len, parts)) + 8) + b"".join(parts)


def ico(project: AppProject) -> bytes:
    """An icon for Windows.

    Raises:
        BuildError: All icons of the app are too large.
    """
    if made := _made(project, ".ico"):
        return made
    images = {it: data for it, data in _images(project).items() if it <= LARGEST_OF_WINDOWS}
    if not images:
        raise BuildError(
            f"Windows wants an icon of at most {LARGEST_OF_WINDOWS} pixels: name such a square "
            "PNG, or an `.ico`, in `bundle.icon` of the configuration"
        )
    head = struct.pack("<HHH", 0, 1, len(images))
    at = len(head) + 16 * len(images)
    for width, data in images.items():
        side = width % LARGEST_OF_WINDOWS  # The largest is written as 0.
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return head + b"".join(images.values())


def _made(project: AppProject, suffix: str) -> bytes | None:
    """The file that the author has made."""
    return next((it.read_bytes() for it in project.icons if it.suffix == suffix), None)


def _images(project: AppProject) -> Mapping[int, bytes]:
    """The square PNGs of the app by their width, the smallest first."""
    found: dict[int, bytes] = {}
    for it in desktop.icons(project):
        size = Path(it.path).parts[2].split("x")
        if it.path.endswith(".png") and size[0] == size[-1]:
            found[int(size[0])] = it.data
    return dict(sorted(found.items()))
