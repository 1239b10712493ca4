"""Installs a wheel alone on each interpreter, and starts the README's app on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from versions import ROOT

#: The interpreters that a release is tried on: one that is missing is an error.
PYTHONS = ("3.11", "3.12", "3.13")
HEADLESS = ROOT / "scripts" / "headless.sh"
README = ROOT / "README.md"
_LISTING = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
PROBE = """
import sys, transom
from transom.testing import webdriver
assert transom.__file__.startswith(sys.prefix), transom.__file__
with webdriver.start("app.py") as app:
    main = app.page("main")
    main.click("button")
    main.wait_text("p", "Hello, Ada!")
    main.screenshot("greeted.png")
"""


def interpreter(version: str) -> Path | None:
    """The newest interpreter of a version such as `3.12`: on the path, or of pyenv."""
    # pyenv has names on the path also for versions that are not chosen: they only say so.
    found = shutil.which(f"python{version}")
    if found and _runs(found, version):
        return Path(found)
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    having = list(home.glob(f"versions/{version}.*/bin/python{version}"))
    having.sort(key=lambda it: [int(n) for n in re.findall(r"\d+", it.parents[1].name)])
    return next((it for it in reversed(having) if _runs(str(it), version)), None)


def _runs(python: str, version: str) -> bool:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run(
        [python, "-c", script],
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return done.stdout.strip() == version


def app(folder: Path) -> Path:
    """Writes the README's app into a folder."""
    listings = dict(_LISTING.findall(README.read_text()))
    if "app.py" not in listings:
        raise LookupError("README.md has no listing with the title app.py")
    for name, text in listings.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def try_on(version: str, wheel: Path, work: Path) -> str:
    """Installs the wheel in a new environment, and starts the app there.

    Returns what was tried on. It installs nothing but the wheel and what that depends on.

    Raises:
        LookupError: There is no such interpreter here.
        subprocess.CalledProcessError: The wheel cannot be installed, or the app does not greet.
    """
    python = interpreter(version)
    if python is None:
        raise LookupError(
            f"there is no Python {version}: install it (`pyenv install {version}`), "
            f"or name those to try: PYTHONS='{' '.join(it for it in PYTHONS if it != version)}'"
        )
    shutil.rmtree(work, ignore_errors=True)
    folder = app(work / "app")
    # Without the names by which Python would find this checkout.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    clean.pop("VIRTUAL_ENV", None)

    def run(*command: str | Path) -> None:
        subprocess.run([str(it) for it in command], check=True, cwd=folder, env=clean)

    run(python, "-m", "venv", work / "venv")
    own = work / "venv" / "bin" / "python"
    run(own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--only-binary=:all:", wheel)  # fmt: skip
    run(HEADLESS, own, "-c", PROBE)
    said = subprocess.run([str(own), "--version"], check=True, text=True, stdout=subprocess.PIPE)
    return f"{said.stdout.strip()} ({python})"


def main() -> int:
    """For one interpreter by hand: `release_install.py WHEEL 3.12`."""
    wheel, version = Path(sys.argv[1]).resolve(), sys.argv[2]
    print(try_on(version, wheel, ROOT / "target" / "release-check" / f"python-{version}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
