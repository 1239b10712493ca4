"""Makes projects as a user does, and runs what a user runs in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import transom
from transom.testing import webdriver

PACKAGE = Path(transom.__file__).parents[1]
CLIENT = "tauri-plugin-transom-api"
EXECUTORS = ("async", "thread", "process")


def run(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> str:
    """What a command says. It fails the test, with that, if it ends with another status than 0."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONSAFEPATH": "", **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}"
    return done.stdout


def python(folder: Path, *arguments: str) -> str:
    return run(folder, sys.executable, *arguments)


def new(folder: Path, template: str) -> Path:
    """A project `hello`."""
    python(folder, "-m", "transom", "new", "hello", "--template", template)
    return folder / "hello"


def check_commands(project: Path, types: str) -> None:
    """Its tests pass, and its types are those of its commands."""
    assert "5 passed" in python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    python(project, "-m", "transom", "types", "hello.commands", "-o", types, "--check")


def build_pages(project: Path) -> None:
    """Installs what they are built with, and builds them; the page's client comes from the wheel,
    for no registry has it.
    """
    frontend = project / "frontend"
    run(frontend, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund")
    lock: dict[str, Any] = json.loads((frontend / "package-lock.json").read_text())
    assert lock["packages"][f"node_modules/{CLIENT}"]["resolved"].startswith("file:vendor/")
    run(frontend, "npm", "run", "build")


def install_crate(project: Path, place: Path) -> Path:
    """Installs a project with a crate into an environment of its own, which has the packages of
    this one. Returns its interpreter.
    """
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(place, str(python), "-c", purelib).strip())
    (packages / "development.pth").write_text(f"{sysconfig.get_path('purelib')}\n{PACKAGE}\n")
    tools = sysconfig.get_path("scripts")
    env = {
        "CARGO_TARGET_DIR": str(PACKAGE.parent / "target" / "templates"),
        "PATH": os.pathsep.join([tools, os.environ["PATH"]]),
        "PYO3_PYTHON": str(python),
    }
    options = ("--no-deps", "--no-build-isolation", "--editable", ".")
    run(project, str(python), "-m", "pip", "install", *options, env=env)
    return python


def check_windows(project: Path, python: str = sys.executable, answering: str = "#said") -> None:
    """`python -m hello` shows its windows, and everything in them answers."""
    env = {"PYTHONPATH": str(PACKAGE)}
    with webdriver.start(module="hello", folder=project, env=env, python=python) as app:
        main = app.page("main")
        main.wait_until('document.querySelectorAll(".job").length === 3')
        main.click("#greet button")
        for place in {"#said", answering}:
            main.wait_until(f'document.querySelector("{place}").textContent.startsWith("Hello, A")')
        for number, executor in enumerate(EXECUTORS):
            check_job(main, number, executor)
        main.click("header button")
        app.page("pulse").wait_until('document.querySelector("output").textContent.endsWith(" ms")')
        main.click("#greet button")
        app.page("pulse").wait_text("footer", "Ada was greeted.")
        assert sorted(app.labels()) == ["main", "pulse"]
        assert "ERROR" not in app.output()


def check_job(main: webdriver.Page, number: int, executor: str) -> None:
    """A job shows how far it is, can be stopped, and begins anew."""
    job = f'document.querySelectorAll(".job")[{number}]'
    assert main.run(f'return {job}.querySelector(".chip").textContent') == executor
    click = f'{job}.querySelector("button").click()'
    said = f'{job}.querySelector(".said")'
    main.run(click)
    if executor == "thread":  # it is over too soon to be stopped
        main.wait_until(f'{said}.textContent.includes("lines in")', 300.0)
        assert main.run(f'return {said}.classList.contains("done")')
        return
    main.wait_until(f'{job}.querySelector("progress").value > 0', 300.0)
    main.run(click)
    main.wait_until(f'{said}.textContent === "Stopped"')
    assert main.run(f'return {job}.querySelector("button").textContent') == "Start"
