"""Tests `Interrupt`: it is raised in the call that it is meant for, or not at all."""

import importlib
import queue
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from transom import Cancelled, Commands
from transom._call.interrupt import Interrupt, here, raise_cancelled

LIMIT = 120.0
"""Seconds after which something that must happen has not."""


class Interrupting:
    """A thread that interrupts what it is given, as soon as it can."""

    def __init__(self) -> None:
        self._mail: queue.SimpleQueue[Interrupt | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def soon(self, interrupt: Interrupt) -> None:
        self._mail.put(interrupt)

    def end(self) -> None:
        self._mail.put(None)
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while (interrupt := self._mail.get()) is not None:
            # As the host does: until it comes out, or the call is over.
            while not interrupt.interrupt() and not interrupt.is_over:
                time.sleep(0)


@pytest.fixture
def other() -> Iterator[Interrupting]:
    interrupting = Interrupting()
    yield interrupting
    interrupting.end()


@pytest.fixture
def short_turns() -> Iterator[None]:
    """Threads take turns so often that an interrupt comes out at any place."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def spin(seconds: float = LIMIT) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_a_loop_in_pure_python_is_interrupted_and_its_finally_runs(other: Interrupting) -> None:
    steps, interrupt = list[str](), Interrupt()

    def work() -> None:
        try:
            other.soon(interrupt)
            spin()
            steps.append("not interrupted")
        finally:
            steps.append("finally")

    with pytest.raises(Cancelled):
        interrupt.run(work)
    assert steps == ["finally"]
    assert here.interrupt is None


def test_an_interrupt_that_comes_before_the_work_is_raised_in_its_place() -> None:
    interrupt, ran = Interrupt(), list[bool]()
    interrupt.interrupt()
    with pytest.raises(Cancelled):
        interrupt.run(lambda: ran.append(True))
    assert ran == []


def test_an_interrupt_that_comes_too_late_does_nothing() -> None:
    interrupt = Interrupt()
    assert interrupt.run(lambda: 1) == 1
    interrupt.interrupt()
    spin(0.01)


def test_a_shield_defers_it_to_its_end(other: Interrupting) -> None:
    steps, interrupt = list[str](), Interrupt()

    def work() -> None:
        with interrupt.shield():
            with interrupt.shield():
                interrupt.interrupt()
                other.soon(interrupt)
                spin(0.05)
            spin(0.05)
            steps.append("shielded")
        steps.append("not interrupted")

    with pytest.raises(Cancelled):
        interrupt.run(work)
    assert steps == ["shielded"]


def test_a_shield_in_a_finally_after_the_interrupt_lets_the_clean_up_end(
    other: Interrupting,
) -> None:
    steps, interrupt = list[str](), Interrupt()

    def work() -> None:
        try:
            other.soon(interrupt)
            spin()
        finally:
            with interrupt.shield():
                interrupt.interrupt()
                spin(0.02)
                steps.append("cleaned up")

    with pytest.raises(Cancelled):
        interrupt.run(work)
    assert steps == ["cleaned up"]


def test_it_waits_for_the_end_of_an_import(
    other: Interrupting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cut leaves modules behind that every later import finds."""
    monkeypatch.syspath_prepend(tmp_path)
    for turn in range(20):
        name, interrupt, imported = f"slow_{turn}", Interrupt(), list[int]()
        package = tmp_path / name
        package.mkdir()
        (package / "part.py").write_text("VALUE = 42")
        (package / "__init__.py").write_text(
            f"import {name}.part\nfor _ in range(3000): pass\nVALUE = {name}.part.VALUE"
        )

        def work(
            name: str = name, interrupt: Interrupt = interrupt, imported: list[int] = imported
        ) -> None:
            other.soon(interrupt)
            imported.append(importlib.import_module(name).VALUE)
            spin()

        with pytest.raises(Cancelled):
            interrupt.run(work)
        assert importlib.import_module(name).VALUE == 42


def test_it_comes_out_at_a_step_of_the_apps_own_code(other: Interrupting) -> None:
    for _ in range(20):
        interrupt = Interrupt()

        def work(interrupt: Interrupt = interrupt) -> None:
            other.soon(interrupt)
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                textwrap.wrap("some words")
                for _ in range(300):
                    pass

        with pytest.raises(Cancelled) as caught:
            interrupt.run(work)
        # Or at a call that was not made.
        *_, caller, last = caught.traceback
        begun = last.lineno > last.frame.code.firstlineno
        assert (last if begun else caller).path == Path(__file__)


def test_it_leaves_a_library_that_is_called_all_the_time_alone(other: Interrupting) -> None:
    """Also where a thread gives up the lock at the beginning of the library's function."""
    source = "def wait():\n    for _ in range(3):\n        pass"
    library: dict[str, Any] = {"__name__": "library"}
    exec(compile(source, textwrap.__file__, "exec"), library)
    wait = library["wait"]
    for _ in range(100):
        interrupt = Interrupt()

        def work(interrupt: Interrupt = interrupt) -> None:
            other.soon(interrupt)
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                wait()

        with pytest.raises(Cancelled) as caught:
            interrupt.run(work)
        last = caught.traceback[-1]
        made = last.frame.code.raw is wait.__code__ and last.lineno > last.frame.code.firstlineno
        assert not made


@pytest.mark.usefixtures("short_turns")
def test_it_leaves_the_end_of_a_with_alone(other: Interrupting) -> None:
    """A lock of a library would stay taken."""
    source = """
class Guard:
    held = False
    def __enter__(self):
        self.held = True
    def __exit__(self, *_):
        self.held = False
"""
    library: dict[str, Any] = {"__name__": "library"}
    exec(compile(source, textwrap.__file__, "exec"), library)
    guard = library["Guard"]()

    def step() -> None: ...

    for _ in range(60):
        interrupt = Interrupt()

        def work(interrupt: Interrupt = interrupt) -> None:
            other.soon(interrupt)
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                with guard:
                    step()

        with pytest.raises(Cancelled):
            interrupt.run(work)
        assert not guard.held


def test_what_a_library_makes_of_it_is_a_cancel(other: Interrupting) -> None:
    interrupt = Interrupt()

    def work() -> None:
        other.soon(interrupt)
        with suppress(BaseException):
            spin()
        raise RuntimeError("interrupted")

    with pytest.raises(Cancelled):
        interrupt.run(work)


def test_a_cancel_seen_by_a_check_is_not_raised_a_second_time(other: Interrupting) -> None:
    for _ in range(200):
        interrupt, steps = Interrupt(), list[int]()

        def work(interrupt: Interrupt = interrupt, steps: list[int] = steps) -> None:
            try:
                other.soon(interrupt)
                raise_cancelled()
            finally:
                while len(steps) < 300:
                    steps.append(len(steps))

        with pytest.raises(Cancelled):
            interrupt.run(work)
        assert len(steps) == 300


def calls_of(kind: str) -> Callable[[Interrupt], None]:
    def plain(_: Interrupt) -> None:
        sum(range(50))

    def swallowing(_: Interrupt) -> None:
        with suppress(Cancelled):
            sum(range(50))

    def shielding(interrupt: Interrupt) -> None:
        with interrupt.shield():
            sum(range(50))

    def checking(_: Interrupt) -> None:
        raise_cancelled()

    return {
        "plain": plain,
        "swallowing": swallowing,
        "shielding": shielding,
        "checking": checking,
    }[kind]


@pytest.mark.usefixtures("short_turns")
@pytest.mark.parametrize("kind", ["plain", "swallowing", "shielding", "checking"])
def test_thousands_of_calls_interrupted_at_their_ends_never_hit_what_comes_after(
    other: Interrupting, kind: str
) -> None:
    work = calls_of(kind)
    for number in range(3000):
        interrupt = Interrupt()
        if number % 3 == 0:
            other.soon(interrupt)
        with suppress(Cancelled):
            interrupt.run(lambda interrupt=interrupt: work(interrupt))
        if number % 3 == 1:
            other.soon(interrupt)
        # The executor's own loop: nothing may come out here.
        assert here.interrupt is None
        sum(range(50))


def test_interrupt_is_refused_for_async_commands() -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="interrupt=True"):

        @commands.command(interrupt=True)
        async def wait() -> None: ...  # pyright: ignore[reportUnusedFunction]

    assert "wait" not in commands
