"""Looks at the machine: Python, the webview, the display and the message bus."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from .finding import Finding, ok, problem, warning

_PROBE = Path(__file__).with_name("probe.py")
_SLOW = 2.5
"""Seconds after which an answer counts as none: GTK waits 25 for it."""
_SERVICES = {
    "portals": (
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "GTK_USE_PORTAL",
        "0",
        "set GTK_USE_PORTAL=0, or `systemctl --user restart xdg-desktop-portal`",
    ),
    "accessibility": (
        "org.a11y.Bus",
        "/org/a11y/bus",
        "NO_AT_BRIDGE",
        "1",
        "set NO_AT_BRIDGE=1, or mend at-spi2-core",
    ),
}
_RAY = (2, 60), (3, 0)
"""From which version to before which one."""


def look_at_machine() -> Iterator[Finding]:
    """What an app needs to show a window."""
    yield ok("python", f"Python {platform.python_version()} at {sys.executable}")
    yield ok("transom", _versions())
    if sys.platform == "linux":
        yield from _look_at_linux()
    if util.find_spec("ray") is not None:
        yield _look_at_ray(metadata.version("ray"))


def _versions() -> str:
    from .._native import VERSION  # noqa: PLC0415 - says so where it does not load

    return f"transom {metadata.version('transom')}, with Tauri {VERSION}"


def _look_at_linux() -> Iterator[Finding]:
    version, _ = _probe("webkit")
    if version is None:
        yield problem("webkit", "WebKitGTK 4.1 does not load", install_webkit())
    else:
        yield ok("webkit", f"WebKitGTK {version}")
    yield _look_at_display()
    if not _has_bus():
        yield warning(
            "bus",
            "there is no session bus: notifications, tray icons and single instances need one",
            "start the session or the command under `dbus-run-session`",
        )
        return
    for check, (name, path, variable, off, remedy) in _SERVICES.items():
        if os.environ.get(variable) == off:
            yield ok(check, f"switched off by {variable}={off}")
            continue
        found, seconds = _probe(name, path)
        if seconds >= _SLOW:
            yield problem(check, f"`{name}` does not answer: each start waits 25 s for it", remedy)
        elif found is None:
            yield problem(
                "bus", "the session bus cannot be reached", "start it anew: `dbus-run-session`"
            )
            return
        else:
            yield ok(check, f"`{name}` {'answers' if found == 'answers' else 'is not there'}")


def _look_at_display() -> Finding:
    names = [it for it in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(it)]
    if not names:
        return problem(
            "display",
            "there is no display: neither WAYLAND_DISPLAY nor DISPLAY is set",
            "log in to a desktop, or run the command under `xvfb-run`",
        )
    found, _ = _probe("display")
    if found is None:
        said = " and ".join(f"{it}={os.environ[it]}" for it in names)
        return problem(
            "display",
            f"no display can be opened by {said}",
            "correct the variables, or start the display that they name",
        )
    return ok("display", f"display {found}")


def _probe(*what: str) -> tuple[str | None, float]:
    """What it has printed, or `None`, and how many seconds that took."""
    command = [sys.executable, "-I", "-S", str(_PROBE), *what]
    begun = time.monotonic()
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=15,
            check=False,
        )
        found = done.stdout if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        found = None
    return found, time.monotonic() - begun


def _has_bus() -> bool:
    place = os.environ.get("XDG_RUNTIME_DIR")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (
        place is not None and Path(place, "bus").exists()
    )


def install_webkit() -> str:
    """How to install what the webview needs."""
    commands = {
        "apt-get": "sudo apt-get install libwebkit2gtk-4.1-0 libgtk-3-0",
        "dnf": "sudo dnf install webkit2gtk4.1 gtk3",
        "pacman": "sudo pacman -S webkit2gtk-4.1 gtk3",
        "zypper": "sudo zypper install libwebkit2gtk-4_1-0 libgtk-3-0",
    }
    found = next((it for tool, it in commands.items() if shutil.which(tool)), None)
    return f"install it: `{found}`" if found else "install WebKitGTK 4.1 and GTK 3"


def _look_at_ray(version: str) -> Finding:
    lowest, highest = _RAY
    parts = [int(it) for it in version.split(".")[:2] if it.isdigit()]
    if lowest <= tuple(parts) < highest:
        return ok("ray", f"Ray {version}")
    return problem(
        "ray",
        f"Ray {version} is none that `RayExecutor` works with",
        'install one that is: `pip install "transom[ray]"`',
    )
