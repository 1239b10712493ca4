"""Starts a desktop of its own: an X server, a bus, a window manager, a tray and notifications."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from xdotool import Place, click, place_of, shown

from transom.testing.webdriver import wait_for

BUS = Path(__file__).parents[3] / "scripts" / "session-bus.conf"
XFCONF = Path("/usr/share/dbus-1/services/org.xfce.Xfconf.service")
SIZE = (1200, 800)

NEEDED = {
    "Xvfb": "xvfb",
    "dbus-daemon": "dbus",
    "openbox": "openbox",
    "xfce4-panel": "xfce4-panel",
    "dunst": "dunst",
    "xdotool": "xdotool",
}
"""The programs, and the packages of Debian that have them."""

TRAY = "wrapper-2.0"
"""The class of the windows of the panel's tray: the one with the icons, and an open menu."""

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=600;y=784"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""
"""One panel at the lower edge, with nothing but a tray."""


class Desktop:
    """A running desktop. Its variables must be set where apps and `xdotool` are started."""

    def __init__(self, folder: Path) -> None:
        missing = {package for program, package in NEEDED.items() if not shutil.which(program)}
        if not XFCONF.exists():
            missing.add("xfconf")
        if missing:
            pytest.fail(f"missing: {', '.join(sorted(missing))}: scripts/setup.sh installs them")
        self._folder = folder
        self._running = ExitStack()
        panel = folder / "config" / "xfce4" / "xfconf" / "xfce-perchannel-xml" / "xfce4-panel.xml"
        panel.parent.mkdir(parents=True)
        panel.write_text(PANEL)
        self.variables = {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(folder),
        }
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        width, height = SIZE
        server = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24"]
        self.variables["DISPLAY"] = ":" + self._first_line(
            "server", *server, "-nolisten", "tcp", "-noreset"
        )
        bus = ["dbus-daemon", "--nofork", "--print-address=1", f"--config-file={BUS}"]
        self.variables["DBUS_SESSION_BUS_ADDRESS"] = self._first_line("bus", *bus)
        xfconfd = XFCONF.read_text().split("Exec=")[1].split()[0]
        self._run("settings", xfconfd)
        self._run("manager", "openbox")
        self._run("panel", "xfce4-panel", "--disable-wm-check")
        self._run("notifications", "dunst", "-print")

    def _run(self, name: str, *command: str) -> Path:
        """Starts a program; returns the file with what it writes."""
        log = self._folder / f"{name}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.variables},
            )
        self._running.callback(process.wait)
        self._running.callback(process.terminate)
        return log

    def _first_line(self, name: str, *command: str) -> str:
        log = self._run(name, *command)

        def told() -> str:
            # What it complains of may come before. The last one may not be whole.
            lines = log.read_text().split("\n")[:-1]
            return next((it for it in lines if it.isdigit() or it.startswith("unix:")), "")

        return wait_for(told, what=command[0])

    def notifications(self) -> list[dict[str, str]]:
        """What has been shown: the `appname`, `summary`, `body` and `icon` of each."""
        found = list[dict[str, str]]()
        for line in (self._folder / "notifications.log").read_text().splitlines():
            if line == "{":
                found.append({})
            name, colon, value = line.strip().partition(": ")
            if found and colon and name in {"appname", "summary", "body", "icon"}:
                found[-1][name] = value.strip("'")
        return found

    def has_icon(self) -> bool:
        """Whether the tray shows an icon. One that is empty is some pixels wide."""
        return any(width > 15 for _, _, width, _ in self._tray_windows())

    def menu(self) -> Place | None:
        """Where the open menu of a tray icon is."""
        return next((place for place in self._tray_windows() if place[3] > 60), None)

    def _tray_windows(self) -> list[Place]:
        # A tooltip is one of them, and gone at any time.
        places = [place_of(window) for window in shown(TRAY)]
        return [place for place in places if place is not None]

    def open_tray_menu(self, button: int = 1) -> Place:
        """Clicks the tray's one icon until its menu is open."""

        def is_open() -> Place | None:
            if self.menu() is None:
                left, top, width, height = min(self._tray_windows(), key=lambda it: it[2])
                click(left + width // 2, top + height // 2, button)
                # Its items come over the bus before it is shown.
                _soon(lambda: self.menu() is not None)
            return self.menu()

        place = wait_for(is_open, 120, "the menu of the tray icon")
        assert place is not None
        return place

    def choose(self, part: float, button: int = 1) -> None:
        """Opens the menu of the tray's one icon and clicks an item, at a part of its height."""

        def is_done() -> bool:
            left, top, width, height = self.open_tray_menu(button)
            click(left + width // 2, top + int(height * part))
            return _soon(lambda: self.menu() is None)

        wait_for(is_done, 120, "the end of the menu")

    def close(self) -> None:
        """Ends all of it."""
        self._running.close()


def _soon(is_so: Callable[[], bool]) -> bool:
    """Whether it is so within some seconds."""
    end = time.monotonic() + 20
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
