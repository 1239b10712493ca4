"""Tests how an app starts: clear Python errors if it cannot, and few changes to the process."""

from __future__ import annotations

from typing import Any

import pytest
from harness import RunApp

APP = """
import ctypes, locale, os, sys, threading
from pathlib import Path

import transom
from transom import AppHandle, Commands
from transom.ipc import Headers

HERE = Path(__file__).parent
commands = Commands()


def run(**options):
    try:
        return transom.run(commands, HERE, **options)
    except BaseException as error:
        print("raised", type(error).__mro__[-3].__name__, type(error).__name__, error, flush=True)
        return 9


{more}

if __name__ == "__main__":
    sys.exit(main())
"""


def app_of(more: str) -> str:
    return APP.replace("{more}", more)


IN_A_THREAD = app_of("""
def main():
    codes = []
    thread = threading.Thread(target=lambda: codes.append(run()))
    thread.start()
    thread.join()
    return codes[0]
""")
AS_IT_IS = app_of("main = run")


@pytest.mark.parametrize(
    ("source", "options", "kind", "says"),
    [
        (IN_A_THREAD, {}, "RuntimeError", "main thread"),
        (AS_IT_IS, {"env": {"DISPLAY": "", "WAYLAND_DISPLAY": ""}}, "RuntimeError", "xvfb-run"),
        (AS_IT_IS, {"env": {"XDG_DATA_HOME": "/dev/null"}}, "RuntimeError", "`/dev/null/"),
        (
            AS_IT_IS,
            {"config": {"app": {"windows": [{"label": "a b", "url": "index.html"}]}}},
            "ValueError",
            "a b",
        ),
    ],
    ids=["thread", "display", "data folder", "label"],
)
def test_what_keeps_an_app_from_starting_is_an_error_with_advice(
    run_app: RunApp, source: str, options: dict[str, Any], kind: str, says: str
) -> None:
    app = run_app(source, **options)
    assert app.code == 9, app.output
    (raised,) = [line for line in app.output.splitlines() if line.startswith("raised")]
    assert f" {kind} " in raised
    assert says in raised
    for word in ("panicked", "PanicException", "RUST_BACKTRACE"):
        assert word not in app.output


LOCALE = app_of("""
KEPT = ("LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY")


def setup(app: AppHandle) -> None:
    print("kept", [locale.setlocale(getattr(locale, name)) for name in KEPT])
    print("messages", locale.setlocale(locale.LC_MESSAGES), flush=True)
    app.exit(0)


def main():
    return run(setup=setup)
""")


def test_the_start_changes_no_numbers_dates_and_sorting(run_app: RunApp) -> None:
    app = run_app(LOCALE, env={"LC_ALL": "C.UTF-8"})
    assert app.code == 0, app.output
    assert "kept ['C', 'C', 'C', 'C']" in app.output
    # Menus and dialogs speak the language of the user.
    assert "messages C.UTF-8" in app.output
