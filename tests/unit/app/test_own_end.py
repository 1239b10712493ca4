"""Tests what limits the app's own end once its native loop has come back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from transom._app.exits import CLEAN_UP, OWN, OwnEnd

SOON = 60.0


class Doom:
    """An announced end of the process."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.averted = False

    def avert(self) -> None:
        self.averted = True


class App:
    """An app whose end was asked for some seconds ago."""

    def __init__(self, took: float | None) -> None:
        self._took = took
        self.dooms: list[Doom] = []

    def took(self) -> float | None:
        return self._took

    def end_process_in(self, seconds: float, _code: int) -> Doom:
        self.dooms.append(Doom(seconds))
        return self.dooms[-1]


@pytest.mark.parametrize("took", [0.2, 6.1, None])
def test_the_process_is_to_end_with_the_app_until_run_return_comes_back(
    took: float | None,
) -> None:
    app = App(took)
    end = OwnEnd(app)  # pyright: ignore[reportArgumentType]
    end.begin(7)
    (doom,) = app.dooms
    assert OWN - (took or 0.0) - 1.0 < doom.seconds <= OWN - (took or 0.0)
    patience: list[float] = []

    class Portal:
        def leave(self, seconds: float, /) -> bool:
            patience.append(seconds)
            return True

    end.leave_loop(Portal())  # pyright: ignore[reportArgumentType]
    assert 0 < patience[0] <= max(0.5, CLEAN_UP - (took or 0.0))
    assert not doom.averted
    end.finish()
    assert doom.averted


LATE_END = """
import atexit, ctypes, threading
from transom._app import exits

class App:
    def took(self):
        return exits.LATE + 0.1
    def end_process_in(self, seconds, code):
        print("ends within", seconds < 3)
        return self
    seal = avert = lambda self: None

def keep():
    libc = ctypes.PyDLL(None)
    while True:
        begun.set()
        libc.sleep(3)

atexit.register(print, "at exit")
exits.PAUSE = 1.0
begun = threading.Event()
end = exits.OwnEnd(App())
end.begin(7)
if {starved}:
    threading.Thread(target=keep, daemon=True).start()
    begun.wait()
end.finish()
print("goes on")
"""


@pytest.mark.parametrize("starved", [True, False])
def test_a_late_end_goes_on_only_where_python_can_run(starved: bool) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LATE_END.format(starved=starved)],
        check=False,
        capture_output=True,
        text=True,
        timeout=SOON,
    )
    assert "at exit" in run.stdout
    assert ("goes on" in run.stdout) is not starved
    assert ("a thread keeps the interpreter to itself" in run.stderr) is starved
    assert ("in keep" in run.stderr) is starved
    assert run.returncode == (7 if starved else 0), run.stderr
