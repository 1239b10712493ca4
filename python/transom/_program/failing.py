"""Shows that the app could not start, where nobody sees its traceback: a log and a dialog.

The start may fail because this package cannot be imported. So this file imports nothing of it, and
a built app loads it by its path. The dialog runs in a process of its own, `dialog.py`: a toolkit
that cannot be loaded, or a display that has gone, ends that process and not this one.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, cast

VARIABLE = "TRANSOM_FAILURE_DIALOG"
"""The environment variable: `1` shows the dialog wherever the app runs, `0` never."""
LAUNCHER = "transom.launcher"
"""The option `-X` by which the launcher of a built app names itself."""
WATCHED = ("CI", "PYTEST_VERSION", "TAURI_WEBVIEW_AUTOMATION", "TRANSOM_DEV", "TRANSOM_DEV_LINK")
"""Environment variables of who reads the traceback: a test, or `transom dev`."""
WORKER = "TRANSOM_WORKER"
TRIED = "TRANSOM_UPDATE_TRIED"
"""Set by an update for its first start. If that fails, the old version is put back and starts."""

KEPT = 5
"""Logs of failed starts that are kept."""
MOST_BYTES = 256 << 10
"""In one log. The end of a traceback is what counts."""
MOST_SHOWN = 400
"""Characters of the error in the dialog."""
CLOSED_AFTER = 3600.0
"""Seconds after which the app ends, although nobody has closed the dialog."""


@dataclass(frozen=True)
class AppNames:
    """What an app is called."""

    name: str
    title: str
    identifier: str
    version: str = ""


class _Start:
    """The start of this process's app."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.is_over = False


_start = _Start()


def over() -> None:
    """Says that the app has had its windows. What fails from here on is not its start."""
    _start.is_over = True
    os.environ.pop(TRIED, None)


def watch() -> None:
    """Has errors that end this process before its app runs shown, if nobody would see them.

    A built app has done so before.
    """
    if LAUNCHER in sys._xoptions or not _is_unseen():  # pyright: ignore[reportPrivateUsage]
        return
    before = sys.excepthook

    def hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None, /
    ) -> None:
        before(kind, error, trace)
        report(error, _program())

    sys.excepthook = hook


def report_of_built(error: BaseException, program: Mapping[str, str]) -> None:
    """Reports an error that ends a built app, unless its traceback is read where it went to."""
    if _is_asked() or (_is_asked() is None and not _is_watched() and not _has_terminal()):
        report(error, AppNames(**program))


def report(error: BaseException, program: AppNames) -> None:
    """Writes a log of what ended the start, and shows it, until the dialog is closed."""
    if _start.is_over or _start.process != os.getpid() or isinstance(error, KeyboardInterrupt):
        return
    # Nothing may take the place of the error, of which the process ends.
    try:
        text = _log_text(error, program)
        try:
            place = f"The details are in the file\n{_write_log(text, program.identifier)}"
        except OSError as failed:
            place = f"No log could be written: {failed}"
        if os.environ.get(VARIABLE) != "0" and not os.environ.get(TRIED):
            _show(program, f"{program.title} could not start", f"{one_line(error)}\n\n{place}")
    except Exception as failed:  # noqa: BLE001 - whatever it is
        if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - pythonw
            sys.stderr.write(f"transom: the failed start could not be shown: {failed!r}\n")


def one_line(error: BaseException) -> str:
    """What happened, in one line. Of an error in groups of one, which a portal makes: itself."""
    inner: Any = error
    while isinstance(cast("object", inner), BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    text = " ".join(f"{type(inner).__name__}: {inner}".split()).removesuffix(":")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _is_asked() -> bool | None:
    """What the environment says of the dialog. `None`: nothing."""
    if os.environ.get(WORKER):
        return False
    return True if os.environ.get(VARIABLE) == "1" else None


def _is_watched() -> bool:
    return any(os.environ.get(it) for it in WATCHED)


def _has_terminal() -> bool:
    return any(map(os.isatty, range(3)))


def _is_unseen() -> bool:
    """Whether nobody sees what goes to stderr, and there is a desktop to show it on."""
    if (asked := _is_asked()) is not None:
        return asked
    if _is_watched() or os.environ.get(VARIABLE) == "0" or _has_terminal():
        return False
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison] - pythonw
        return True
    if sys.platform not in {"win32", "darwin"} and not _has_display():
        return False
    return _leads_nowhere()


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _leads_nowhere() -> bool:
    """Whether stderr is closed, the null device, or what a desktop gives to programs that it
    starts: its journal, or the file of its session. Whoever made a pipe or a file reads it.
    """
    import stat  # noqa: PLC0415 - only where no terminal is

    try:
        found = os.fstat(2)
        if stat.S_ISCHR(found.st_mode):
            return found.st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116
        if stat.S_ISSOCK(found.st_mode):
            return _is_journal()
    except OSError:
        return True
    try:
        session = os.stat(os.path.expanduser("~/.xsession-errors"))  # noqa: PTH111, PTH116
    except OSError:
        return False
    return os.path.samestat(found, session)


def _is_journal() -> bool:
    import socket  # noqa: PLC0415 - it is slow to import

    with socket.socket(fileno=os.dup(2)) as stderr:
        peer = stderr.getpeername()
    return isinstance(peer, str) and peer.startswith("/run/systemd/journal/")


def _program() -> AppNames:
    """The names of this app, by its configuration where that is beside what was started."""
    from pathlib import Path  # noqa: PLC0415 - of a failed start only

    file = getattr(sys.modules.get("__main__"), "__file__", None) or sys.argv[0]
    script = Path(file or "app").absolute()
    name = script.parent.name if script.stem == "__main__" else script.stem
    found: Mapping[str, Any] = {}
    for folder in (script.parent, script.parent / "src-tauri", script.parent.parent):
        if found := _configuration(folder):
            break
    identifier, title = found.get("identifier"), found.get("productName")
    # It becomes the name of a folder.
    is_name = isinstance(identifier, str) and "/" not in identifier and identifier.strip(".")
    return AppNames(
        name,
        str(title or name),
        str(identifier) if is_name else name,
        str(found.get("version", "")),
    )


def _configuration(folder: Any) -> Mapping[str, Any]:
    import json  # noqa: PLC0415 - of a failed start only
    import tomllib  # noqa: PLC0415 - the same

    for name, read in (("Tauri.toml", tomllib.loads), ("tauri.conf.json", json.loads)):
        try:
            found: Any = read((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found  # pyright: ignore[reportUnknownVariableType]
    return {}


def _log_text(error: BaseException, program: AppNames) -> bytes:
    import platform  # noqa: PLC0415 - of a failed start only
    import traceback  # noqa: PLC0415 - the same
    from datetime import datetime  # noqa: PLC0415 - the same

    head = [
        f"{program.title} {program.version}".strip() + " could not start",
        f"{datetime.now().astimezone().isoformat(timespec='seconds')}, process {os.getpid()}",
        f"Python {platform.python_version()} on {platform.platform()}, {sys.executable}",
        "",
        "",
    ]
    trace = "".join(traceback.format_exception(error)).encode(errors="backslashreplace")
    return "\n".join(head).encode(errors="backslashreplace") + trace[-MOST_BYTES:]


def log_folder(identifier: str) -> str:
    """Where Tauri has the logs of an app: the `app_log_dir` of its paths."""
    home = os.path.expanduser("~")  # noqa: PTH111
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Logs", identifier)  # noqa: PTH118
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")  # noqa: PTH118
    else:
        local = os.environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(local):  # noqa: PTH117
            local = os.path.join(home, ".local", "share")  # noqa: PTH118
    return os.path.join(local, identifier, "logs")  # noqa: PTH118


def _write_log(text: bytes, identifier: str) -> str:
    """Writes a log that only this user can read, takes the oldest away, and gives its path."""
    from datetime import datetime  # noqa: PLC0415 - of a failed start only
    from pathlib import Path  # noqa: PLC0415 - the same

    folder = Path(log_folder(identifier))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S-%f}"
    file = folder / f"failed-start-{now}.log"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as log:
        log.write(text)
    for old in sorted(folder.glob("failed-start-*.log"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return str(file)


def _show(program: AppNames, title: str, text: str) -> None:
    import json  # noqa: PLC0415 - of a failed start only
    import subprocess  # noqa: PLC0415 - the same

    name = os.path.basename(sys.executable or "").lower()  # noqa: PTH119
    is_python = "python" in name or LAUNCHER in sys._xoptions  # pyright: ignore[reportPrivateUsage]
    dialog = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dialog.py")  # noqa: PTH100, PTH118, PTH120
    # A program with an embedded interpreter runs no script.
    script = [sys.executable, "-I", "-S"] if is_python else ["python3", "-I"]
    shown = json.dumps({"name": program.name, "title": title, "text": text})
    process = subprocess.Popen(
        [*script, dialog],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # It ends when this pipe does, so with this process.
        assert process.stdin is not None
        process.stdin.write(shown.encode() + b"\n")
        process.stdin.flush()
        process.wait(CLOSED_AFTER)
    except (OSError, subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()
