"""Installs a built app in a new Debian without Python, Rust or Node, uses it, and removes it.

`python stress/clean_root.py FOLDER` as root, on a display (`scripts/headless.sh`). `FOLDER` is for
the new system, which stays there for the next time. What it needs of this one: debootstrap, and a
registry of Debian's packages.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

APP = """
import json, os, sys
from pathlib import Path

from transom import Commands, run

commands = Commands()


@commands.command(executor="process")
def in_worker(body: str) -> list[object]:
    return [body.upper(), sys.executable, os.getpid()]


@commands.command()
def keep(body: dict) -> None:
    Path("/tmp/answer.new").write_text(json.dumps({**body, "pid": os.getpid()}))
    Path("/tmp/answer.new").rename("/tmp/answer")


if __name__ == "__main__":
    sys.exit(run(commands, Path(__file__).parent))
"""
PAGE = """<!doctype html><meta charset="utf-8"><h1>Clean root</h1><p></p>
<script type="module">
  const { pyInvoke } = window.__TAURI__.transom;
  const worker = await pyInvoke("in_worker", "ada");
  document.querySelector("p").textContent = JSON.stringify(worker);
  // Two frames and half a second later it is on the screen.
  await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
  setTimeout(() => pyInvoke("keep", { worker }), 500);
</script>
"""
CONFIG = {
    "productName": "Clean Root",
    "version": "1.0.0",
    "identifier": "com.example.cleanroot",
    "build": {"frontendDist": "frontend"},
    "app": {
        "withGlobalTauri": True,
        "windows": [{"title": "Clean root"}],
        "trayIcon": {"iconPath": "icons/icon.png"},
    },
    "bundle": {"icon": ["icons/icon.png"]},
}
CAPABILITY = {"identifier": "main", "windows": ["main"], "permissions": ["transom:default"]}
PATIENCE = 120.0
"""Seconds for the app's answer."""
ROOT = Path(__file__).parent.parent


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
    with tempfile.TemporaryDirectory() as state:
        before = files(system)
        try:
            run("mount", "-t", "proc", "proc", str(system / "proc"))
            use(system, package, Path(state))
        finally:
            subprocess.run(["umount", str(system / "proc")], check=False)
        left = sorted(it for it in files(system) - before if "clean-root" in it.lower())
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


def use(system: Path, package: Path, state: Path) -> None:
    """Installs the app, starts it, and removes it."""
    shutil.copy(package, system / "tmp" / package.name)
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    for name in ("python3", "cargo", "node"):
        assert not (system / "usr/bin" / name).exists(), f"the system has {name}"
    inside(system, *apt, "update")
    inside(system, *apt, "install", "-y", "--no-install-recommends", f"/tmp/{package.name}")
    authority = os.environ.get("XAUTHORITY")
    if authority:
        shutil.copy(authority, system / "tmp" / "authority")
    answer = system / "tmp" / "answer"
    answer.unlink(missing_ok=True)
    variables = [f"DISPLAY={os.environ['DISPLAY']}", "XAUTHORITY=/tmp/authority", "HOME=/root"]
    begun = time.monotonic()
    with (state / "log").open("wb") as log:
        command = ["chroot", str(system), "/usr/bin/env", "-i", *variables, "/usr/bin/clean-root"]
        app = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(answer.exists, (state / "log"))
        print(f"an answer of a pool after {time.monotonic() - begun:.1f} s: {answer.read_text()}")
        if shutil.which("import"):
            run("import", "-window", "root", str(system.parent / "screenshot.png"))
    finally:
        app.send_signal(signal.SIGKILL)
        app.wait()
    wait_for(lambda: not running(), state / "log")
    print("no process is left after a kill")
    inside(system, *apt, "purge", "-y", "clean-root")
    (system / "tmp" / package.name).unlink()


def running() -> list[str]:
    """The processes of the app."""
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if "/usr/lib/clean-root/" in words and "chroot" not in words:
            found.append(words)
    return found


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    """Waits until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it took too long:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def files(system: Path) -> set[str]:
    """All files of the new system."""
    done = subprocess.run(
        ["find", str(system), "-xdev", "-not", "-path", f"{system}/proc/*"],
        check=True,
        text=True,
        capture_output=True,
    )
    return set(done.stdout.splitlines())


def inside(system: Path, *command: str) -> None:
    """Runs a command in the new system."""
    run("chroot", str(system), *command)


def run(*command: str) -> None:
    """Runs a command, which must succeed."""
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
