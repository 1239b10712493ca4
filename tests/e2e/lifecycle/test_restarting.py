"""Tests that an app starts again as it was started: by a command, by its page, from any thread."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from harness import environment, write_app

from transom.testing.webdriver import wait_for

APP = """
import atexit, json, os, signal, sys, threading
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from transom import (RESTART_EXIT_CODE, AppHandle, Commands, RunEvent, builder_factory,
                     context_factory)
from transom.plugins import process

SEEN = Path(os.environ["SEEN"])
AGAIN = SEEN.exists()
commands = Commands()


def note(what, **more):
    with SEEN.open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), "what": what, **more}) + "\\n")


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def descriptors():
    return {fd: os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
            if int(fd) > 2 and os.path.lexists(f"/proc/self/fd/{fd}")}


def begin():
    before = [json.loads(line) for line in SEEN.read_text().splitlines()] if AGAIN else []
    note(
        "start",
        argv=sys.argv[1:],
        cwd=os.getcwd(),
        python=sys.executable,
        optimize=sys.flags.optimize,
        variable=os.environ.get("VARIABLE"),
        mask=[int(it) for it in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
        interrupted=signal.getsignal(signal.SIGINT) is signal.default_int_handler,
        inherited=[it for it in descriptors().values() if "left-open" in it],
        left=[it for it in before if runs(it["pid"])],
    )
    os.chdir("/")
    os.set_inheritable(os.open(os.environ["LEFT_OPEN"], os.O_RDONLY), True)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    atexit.register(note, "atexit")


@commands.command(executor="process")
def work() -> None:
    note("work")


@commands.command()
async def again() -> bool:
    return AGAIN


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    app_handle.exit(3)


@commands.command()
async def request(app_handle: AppHandle) -> None:
    app_handle.request_restart()


@commands.command()
async def restart(app_handle: AppHandle) -> None:
    app_handle.restart()
    note("still here")


@commands.command()
def restart_in_thread(app_handle: AppHandle) -> None:
    try:
        app_handle.restart()
    finally:
        note("clean-up")


@commands.command()
async def restart_on_main_thread(app_handle: AppHandle) -> None:
    app_handle.run_on_main_thread(app_handle.restart)


@commands.command()
async def restart_elsewhere(app_handle: AppHandle) -> None:
    threading.Thread(target=app_handle.restart).start()


@commands.command()
async def restart_by_tauri(app_handle: AppHandle) -> None:
    # As Rust code of an app's crate does by Tauri's own handle.
    app_handle.exit(RESTART_EXIT_CODE)


def at_event(app_handle, event):
    if isinstance(event, RunEvent.ExitRequested):
        event.api.prevent_exit() if event.code == RESTART_EXIT_CODE else None
        note("exit requested", code=event.code)
    if isinstance(event, RunEvent.Exit):
        note("exit")


def setup(app_handle):
    if os.environ["HOW"] == "setup" and not AGAIN:
        app_handle.restart()


def main():
    begin()
    folder = Path(os.environ["FOLDER"])
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(folder),
            invoke_handler=commands.generate_handler(portal),
            setup=setup,
            plugins=[process.init()],
        )
        if os.environ.get("RUN"):
            app.run(at_event)
        code = app.run_return(at_event)
        note("returned", code=code)
    sys.exit(code)
"""

PAGE = """
<!doctype html><meta charset=utf-8><body><script type=module>
const {pyInvoke} = window.__TAURI__.transom;
await pyInvoke("work");
if (await pyInvoke("again")) await pyInvoke("leave");
else {HOW};
</script></body>
"""

CALLS = {
    "relaunch": "await window.__TAURI__.process.relaunch()",
    "setup": "{}",
}
PERMISSIONS = ["core:default", "transom:default", "process:default"]


@dataclass
class Ways:
    """An app in a folder that nobody imports from, and how it may be started."""

    folder: Path
    elsewhere: Path

    def command(self, way: str) -> list[str]:
        """The arguments of an interpreter that works in `elsewhere`."""
        module = "shop"
        (self.elsewhere / f"{module}.py").write_text(
            APP + "\n\nif __name__ == '__main__':\n    main()\n"
        )
        match way:
            case "script":
                return [f"./{module}.py"]
            case "module":
                return ["-m", module]
            case "code":
                path = "import os, sys\nsys.path.insert(0, os.getcwd())\n"
                return ["-c", f"{path}import {module}\n{module}.main()"]
            case _:
                archive = self.elsewhere / "shop.pyz"
                with zipfile.ZipFile(archive, "w") as file:
                    file.write(self.elsewhere / f"{module}.py", "__main__.py")
                (self.elsewhere / f"{module}.py").unlink()
                return [archive.name]


def first(seen: list[dict[str, Any]], what: str) -> dict[str, Any]:
    return next(it for it in seen if it["what"] == what)


@pytest.mark.parametrize(
    ("way", "how"),
    [
        ("script", "request"),
        ("module", "relaunch"),
        ("code", "restart_in_thread"),
        ("zip", "restart"),
        ("script", "restart_on_main_thread"),
        ("module", "restart_elsewhere"),
        ("script", "setup"),
        ("module", "restart_by_tauri"),
        ("script", "run"),
    ],
)
def test_an_app_starts_again_as_it_was_started(tmp_path: Path, way: str, how: str) -> None:
    call = "request" if how == "run" else how
    capability = {"identifier": "main", "windows": ["*"], "permissions": PERMISSIONS}
    folder = tmp_path / "app"
    write_app(
        folder,
        "\n",
        html=PAGE.replace("{HOW}", CALLS.get(call, f"await pyInvoke('{call}')")),
        capabilities={"main": capability},
    )
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    seen, left_open = tmp_path / "seen", tmp_path / "left-open"
    left_open.touch()
    output = tmp_path / "output"
    variables = {
        "SEEN": str(seen),
        "LEFT_OPEN": str(left_open),
        "FOLDER": str(folder),
        "VARIABLE": "of the start",
        "HOW": how,
        "RUN": "1" if how == "run" else "",
    }
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-O", *Ways(folder, elsewhere).command(way), "a b", "--flag", "é"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=elsewhere,
            env={**os.environ, **environment(tmp_path), **variables},
        )
    notes: list[dict[str, Any]] = []

    def ended() -> bool:
        lines = seen.read_text().splitlines() if seen.exists() else []
        notes[:] = [json.loads(line) for line in lines]
        second = {it["what"] for it in notes if it["pid"] != process.pid}
        return ("exit" if how == "run" else "atexit") in second

    try:
        code = process.wait(300)
        wait_for(ended, 300, "the end of the second process")
    except BaseException:
        print(output.read_text(), notes)
        for it in notes:
            end(it["pid"])
        process.kill()
        raise
    assert code == 0, output.read_text()
    one, two = (it for it in notes if it["what"] == "start")
    assert one["pid"] == process.pid != two["pid"]
    assert one["left"] == two["left"] == []
    assert two["inherited"] == []
    for key in ("argv", "cwd", "python", "optimize", "variable", "mask", "interrupted"):
        assert one[key] == two[key], (key, notes)
    assert (one["argv"], one["cwd"]) == (["a b", "--flag", "é"], str(elsewhere))

    of_first = [it["what"] for it in notes if it["pid"] == one["pid"]]
    assert "exit" in of_first
    if how != "setup":
        assert first(notes, "exit requested")["code"] == 2147483647
        assert first(notes, "work")["pid"] not in {one["pid"], two["pid"]}
    assert ("atexit" in of_first) == (how != "run")
    if how not in {"run", "setup"}:
        assert first(notes, "returned")["code"] == 0
    assert "still here" not in of_first
    assert ("clean-up" in of_first) == (how == "restart_in_thread")
    wait_for(lambda: not alive(two["pid"]), what="the end of the second process")
    text = output.read_text()
    assert "Traceback" not in text, text


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_a_program_from_standard_input_does_not_start_again(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    write_app(folder, "\n")
    source = f"""
from transom import Commands, run

def setup(app_handle):
    for restart in (app_handle.restart, app_handle.request_restart):
        try:
            restart()
        except RuntimeError as error:
            print(error)
    app_handle.exit(4)

raise SystemExit(run(Commands(), {str(folder)!r}, setup=setup))
"""
    done = subprocess.run(
        [sys.executable, "-"],
        input=source,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment(tmp_path)},
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert done.stdout.count("cannot start again") == 2, done
