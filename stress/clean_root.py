"""Installs a built app in a new Debian without Python, Rust or Node, uses it, and removes it.

`python stress/clean_root.py FOLDER` as root. `FOLDER` is for the new system, which stays there for
the next time. What it needs of this one: debootstrap, a registry of Debian's packages, and the
programs of the desktop that `scripts/setup.sh` installs. That desktop runs here; of the new system
are the app, all that it needs, and `xdg-open`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e" / "support"))

from desktop_session import Desktop  # noqa: E402 - is not found before

APP = """
import json, os, sys
from pathlib import Path

from transom import AppHandle, Commands, run
from transom.image import Image
from transom.menu import Menu
from transom.plugins import deep_link, single_instance
from transom.tray import TrayIcon

commands = Commands()


def note(name: str, what: object) -> None:
    Path(f"/tmp/{name}.new").write_text(json.dumps(what))
    Path(f"/tmp/{name}.new").rename(f"/tmp/{name}")


@commands.command(executor="process")
def in_worker(body: str) -> list[object]:
    return [body.upper(), sys.executable, os.getpid()]


@commands.command()
def keep(body: dict) -> None:
    note("answer", {**body, "pid": os.getpid(), "arguments": sys.argv[1:]})


def opened_again(app_handle: AppHandle, arguments: list[str], folder: str) -> None:
    note("again", {"pid": os.getpid(), "arguments": arguments[1:]})


def setup(app_handle: AppHandle) -> None:
    def clicked(item: object) -> None:
        note("clicked", item.text())

    items = [{"text": text, "on_click": clicked} for text in ("One", "Two", "Three")]
    icon = Image(bytes([0, 128, 255, 255]) * 32 * 32, 32, 32)
    TrayIcon.with_id(app_handle, "main", icon=icon, menu=Menu.from_description(app_handle, items))


if __name__ == "__main__":
    plugins = [single_instance.init(opened_again), deep_link.init()]
    sys.exit(run(commands, Path(__file__).parent, setup=setup, plugins=plugins))
"""
PAGE = """<!doctype html><meta charset="utf-8"><h1>Clean root</h1><p></p>
<script type="module">
  const { transom, deepLink } = window.__TAURI__;
  const worker = await transom.pyInvoke("in_worker", "ada");
  const link = await deepLink.getCurrent();
  document.querySelector("p").textContent = JSON.stringify([worker, link]);
  // Two frames and half a second later it is on the screen.
  await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
  setTimeout(() => transom.pyInvoke("keep", { worker, link }), 500);
</script>
"""
CONFIG = {
    "productName": "Clean Root",
    "version": "1.0.0",
    "identifier": "com.example.cleanroot",
    "build": {"frontendDist": "frontend"},
    "app": {"withGlobalTauri": True, "windows": [{"title": "Clean root"}]},
    "bundle": {"icon": ["icons/icon.png"]},
    "plugins": {"deep-link": {"desktop": {"schemes": ["cleanroot"]}}},
}
CAPABILITY = {
    "identifier": "main",
    "windows": ["main"],
    "permissions": ["transom:default", "deep-link:default"],
}
PATIENCE = 120.0
"""Seconds for the app's answer."""
BESIDE = ["desktop-file-utils", "xdg-utils"]
"""What a desktop has, so that a URL starts an app."""


IS_OF_THE_APP = re.compile(r"^(?!root/).*clean-?root", re.IGNORECASE)
"""Files that a removed app must not leave. What it has written into the user's home is the user's.
"""


def main() -> int:
    """Prints what was seen; 1 if something was wrong."""
    home = Path(sys.argv[1]).absolute()
    home.mkdir(parents=True, exist_ok=True)
    package = build(home)
    system = home / "system"
    if not (home / "ready").exists():
        shutil.rmtree(system, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", str(system))
        (home / "ready").touch()
    before = files(system)
    run("mount", "-t", "proc", "proc", str(system / "proc"))
    try:
        use(system, package)
    finally:
        subprocess.run(["umount", str(system / "proc")], check=False)
    left = sorted(it for it in files(system) - before if IS_OF_THE_APP.search(it))
    print(f"left behind: {left or 'nothing'}")
    return 1 if left else 0


def build(home: Path) -> Path:
    """The package of the app."""
    app = home / "app"
    shutil.rmtree(app, ignore_errors=True)
    texts = {
        "app.py": APP,
        "tauri.conf.json": json.dumps(CONFIG),
        "capabilities/main.json": json.dumps(CAPABILITY),
        "frontend/index.html": PAGE,
    }
    for name, text in texts.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    (app / "icons").mkdir()
    shutil.copy(ROOT / "examples/rust-host/icons/icon.png", app / "icons/icon.png")
    run(sys.executable, "-m", "transom", "build", str(app), "--format", "deb", "-o", str(home))
    (package,) = home.glob("*.deb")
    print(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB")
    return package


def use(system: Path, package: Path) -> None:
    """Installs the app, has it used on a desktop, and removes it."""
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    for name in ("python3", "cargo", "node"):
        assert not (system / "usr/bin" / name).exists(), f"the system has {name}"
    inside(system, *apt, "update")
    inside(system, *apt, "install", "-y", "--no-install-recommends", *BESIDE)
    shutil.copy(package, system / "tmp" / package.name)
    inside(system, *apt, "install", "-y", "--no-install-recommends", f"/tmp/{package.name}")
    (system / "tmp" / package.name).unlink()
    with tempfile.TemporaryDirectory(prefix="clean-root-") as folder:
        desktop = Desktop(Path(folder))
        os.environ.update(desktop.variables)
        address = desktop.variables["DBUS_SESSION_BUS_ADDRESS"]
        bus = address.partition("path=")[2].partition(",")[0]
        try:
            # The tray reads icons from the folder.
            with seen_by(system, Path(folder)), seen_by(system, Path(bus)):
                NewSystem(system, Path(folder), desktop).try_all()
        finally:
            desktop.close()
    inside(system, *apt, "purge", "-y", "clean-root")


@contextmanager
def seen_by(system: Path, path: Path) -> Iterator[None]:
    """Shows a folder or a socket to the new system, under the same name."""
    place = system / path.relative_to("/")
    if path.is_dir():
        place.mkdir(parents=True)
    else:
        place.touch()
    run("mount", "--bind", str(path), str(place))
    try:
        yield
    finally:
        run("umount", "--lazy", str(place))
        if path.is_dir():
            place.rmdir()
        else:
            place.unlink()


class NewSystem:
    """The new system with the app in it, and the desktop that its windows are on."""

    def __init__(self, root: Path, folder: Path, desktop: Desktop) -> None:
        self._root = root
        self._desktop = desktop
        self._log = folder / "app.log"
        names = ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
        variables = {it: desktop.variables[it] for it in names}
        variables |= {"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin"}
        self._environment = [f"{name}={value}" for name, value in variables.items()]
        (root / "root").mkdir(exist_ok=True)

    def try_all(self) -> None:
        """Starts the app in both ways, and looks at what it does."""
        try:
            self._as_a_program()
            self._by_a_link()
        finally:
            for number in running():
                os.kill(number, signal.SIGKILL)

    def _as_a_program(self) -> None:
        begun = time.monotonic()
        self._start("/usr/bin/clean-root")
        said = self._told("answer")
        print(f"an answer of a pool after {time.monotonic() - begun:.1f} s: {said}")
        assert said["worker"][0] == "ADA"
        assert said["arguments"] == []
        self._tray()
        self._start("xdg-open", "cleanroot:second")
        again = self._told("again")
        assert again == {"pid": said["pid"], "arguments": ["cleanroot:second"]}, again
        wait_for(lambda: len(apps()) == 1, self._log)  # The second one has ended.
        print("a deep link reached the app that ran")
        if shutil.which("import"):
            run("import", "-window", "root", str(self._root.parent / "screenshot.png"))
        self._kill(said["pid"])

    def _by_a_link(self) -> None:
        self._start("xdg-open", "cleanroot:first")
        said = self._told("answer")
        assert (said["arguments"], said["link"]) == (["cleanroot:first"], ["cleanroot:first"]), said
        print("a deep link started the app")
        self._kill(said["pid"])

    def _tray(self) -> None:
        """Clicks the second of the three items of the tray icon's menu."""
        wait_for(self._desktop.has_icon, self._log)
        self._desktop.choose(0.5)
        assert self._told("clicked") == "Two"
        print("the tray icon was shown, and its menu works")

    def _start(self, *command: str) -> None:
        for name in ("answer", "again", "clicked"):
            (self._root / "tmp" / name).unlink(missing_ok=True)
        whole = ["chroot", str(self._root), "/usr/bin/env", "-i", *self._environment, *command]
        with self._log.open("ab") as log:
            subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _told(self, name: str) -> Any:
        """What the app has written to this file."""
        file = self._root / "tmp" / name
        wait_for(file.exists, self._log)
        found = json.loads(file.read_text())
        file.unlink()
        return found

    def _kill(self, number: int) -> None:
        os.kill(number, signal.SIGKILL)
        wait_for(lambda: not running(), self._log)
        print("no process is left after a kill")


def apps() -> list[int]:
    """Those processes of the app that are no workers."""
    return [number for number, words in running().items() if "app/app.py" in words]


def running() -> dict[int, str]:
    """The processes of the app, and their command lines."""
    found: dict[int, str] = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if "/usr/lib/clean-root/" in words and "chroot" not in words:
            found[int(file.parent.name)] = words
    return found


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    """Waits until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it took too long:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def files(system: Path) -> set[str]:
    """All files of the new system, from its root on."""
    command = ["find", ".", "-xdev", "-not", "-path", "./proc/*"]
    done = subprocess.run(command, check=True, text=True, capture_output=True, cwd=system)
    return {it.removeprefix("./") for it in done.stdout.splitlines()}


def inside(system: Path, *command: str) -> None:
    """Runs a command in the new system."""
    run("chroot", str(system), *command)


def run(*command: str) -> None:
    """Runs a command, which must succeed."""
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
