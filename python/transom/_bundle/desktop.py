"""Writes what a desktop wants to know of an app: entry, icons, MIME types, AppStream data."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

from .errors import BuildError
from .project import AppProject
from .tables import look

CATEGORIES = {
    "business": "Office", "developertool": "Development", "education": "Education",
    "entertainment": "AudioVideo", "finance": "Office;Finance", "game": "Game",
    "graphicsanddesign": "Graphics", "healthcareandfitness": "Science", "lifestyle": "Utility",
    "medical": "Science", "music": "AudioVideo;Audio", "news": "Network;News",
    "photography": "Graphics;Photography", "productivity": "Office", "reference": "Education",
    "socialnetworking": "Network", "sports": "Utility", "travel": "Utility", "utility": "Utility",
    "video": "AudioVideo;Video", "weather": "Utility",
}  # fmt: skip
"""The categories of the desktop, by those of `bundle.category`."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class DesktopFile:
    """A file below `share`."""

    path: str
    data: bytes


def files(project: AppProject, program: str) -> list[DesktopFile]:
    """What goes to `share`. `program`: the command that starts the app."""
    found = [
        DesktopFile(f"applications/{project.identifier}.desktop", entry(project, program).encode()),
        DesktopFile(f"metainfo/{project.identifier}.metainfo.xml", metainfo(project)),
        *icons(project),
    ]
    if any(it.endings for it in project.associations):
        found.append(DesktopFile(f"mime/packages/{project.identifier}.xml", mime_types(project)))
    return found


def entry(project: AppProject, program: str) -> str:
    """The desktop entry. Its name and its window class are the identifier, which windows have."""
    category = str(look(project.config, "bundle", "category") or "Utility")
    chosen = CATEGORIES.get(category.lower().replace(" ", "").replace("-", ""), "Utility")
    mimes = [it.mime for it in project.associations]
    mimes += [f"x-scheme-handler/{it}" for it in project.schemes]
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        f"Name={_line(project.title)}",
        f"Comment={_line(project.description)}",
        f"Exec={program}{' %U' if mimes else ''}",
        f"Icon={project.name}",
        f"Categories={chosen};",
        "Terminal=false",
        "StartupNotify=true",
        f"StartupWMClass={project.identifier}",
        *([f"MimeType={';'.join(mimes)};"] if mimes else []),
    ]
    return "\n".join([*lines, ""])


def _line(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").split())


def metainfo(project: AppProject) -> bytes:
    """The AppStream data, by which software centres show the app."""
    root = Xml.Element("component", type="desktop-application")
    _text(root, "id", project.identifier)
    _text(root, "metadata_license", "CC0-1.0")
    _text(root, "project_license", project.licence or "LicenseRef-proprietary")
    _text(root, "name", project.title)
    _text(root, "summary", _line(project.description).rstrip("."))
    longer = look(project.config, "bundle", "longDescription") or project.description
    described = Xml.SubElement(root, "description")
    for paragraph in str(longer).split("\n\n"):
        _text(described, "p", " ".join(paragraph.split()))
    developer = Xml.SubElement(root, "developer", id=project.identifier)
    _text(developer, "name", project.author.partition(" <")[0])
    _text(root, "launchable", f"{project.identifier}.desktop", type="desktop-id")
    if project.homepage:
        _text(root, "url", project.homepage, type="homepage")
    provides = Xml.SubElement(root, "provides")
    _text(provides, "binary", project.name)
    Xml.SubElement(root, "content_rating", type="oars-1.1")
    return _xml(root)


def mime_types(project: AppProject) -> bytes:
    """The kinds of files that the app opens."""
    root = Xml.Element("mime-info", xmlns="http://www.freedesktop.org/standards/shared-mime-info")
    for kind in project.associations:
        row = Xml.SubElement(root, "mime-type", type=kind.mime)
        _text(row, "comment", kind.description or f"{project.title} file")
        for ending in kind.endings:
            Xml.SubElement(row, "glob", pattern=f"*.{ending}")
    return _xml(root)


def _text(parent: Xml.Element, tag: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, tag, attributes).text = text


def _xml(root: Xml.Element) -> bytes:
    Xml.indent(root)
    return Xml.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def icons(project: AppProject) -> list[DesktopFile]:
    """The app's icons in their sizes, or one that stands for no icon."""
    found: dict[str, DesktopFile] = {}
    for file in project.icons:
        if file.suffix == ".svg":
            path = f"icons/hicolor/scalable/apps/{project.name}.svg"
        elif file.suffix == ".png":
            width, height = _size(file)
            path = f"icons/hicolor/{width}x{height}/apps/{project.name}.png"
        else:
            continue
        found.setdefault(path, DesktopFile(path, file.read_bytes()))
    if not found:
        path = f"icons/hicolor/64x64/apps/{project.name}.png"
        found[path] = DesktopFile(path, _neutral())
    return list(found.values())


def _size(file: Path) -> tuple[int, int]:
    head = file.read_bytes()[:24]
    if len(head) < 24 or not head.startswith(SIGNATURE):
        raise BuildError(f"the icon {file} is no PNG, as its name says: save it as one")
    width, height = struct.unpack(">II", head[16:])
    return width, height


def _neutral() -> bytes:
    """A frame with a light over it, as windows have whose app has no icon."""
    frame, glass, nothing = b"\x3b\x4a\x5f\xff", b"\xc9\xdd\xee\xff", bytes(4)

    def pixel(x: int, y: int) -> bytes:
        if not (8 <= x < 56 and 4 <= y < 60):
            return nothing
        panes = (14 <= x < 50 and 10 <= y < 20) or ((14 <= x < 30 or 34 <= x < 50) and 26 <= y < 54)
        return glass if panes else frame

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(64)) for y in range(64))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
