"""Tests what `transom dev` decides: one app at a time, one swap at a time, and no save is lost."""

import random
from pathlib import Path

import pytest

from transom._dev.tool.session import (
    AppEnded,
    AwaitSave,
    Begin,
    End,
    Failed,
    Finish,
    Phase,
    Ready,
    Reload,
    Saved,
    Session,
    SessionEvent,
    Start,
    StopAsked,
    Swap,
    Swapped,
    Unswappable,
)

A, B = Path("a.py"), Path("b.py")


def code(*files: Path) -> Saved:
    return Saved(frozenset(files))


def running() -> Session:
    session = Session()
    assert session.step(Begin()) == [Start()]
    assert session.step(Ready()) == []
    return session


def test_a_save_is_a_swap_and_what_is_saved_meanwhile_the_next_one() -> None:
    session = running()
    assert session.step(code(A)) == [Swap(frozenset({A}))]
    assert session.step(code(B)) == []
    assert session.step(Swapped()) == [Swap(frozenset({B}))]
    assert session.step(Swapped()) == []


def test_files_with_an_error_are_in_the_next_swap() -> None:
    session = running()
    session.step(code(A))
    assert session.step(Failed()) == []
    assert session.step(code(B)) == [Swap(frozenset({A, B}))]
    session.step(Swapped())
    assert session.step(code(B)) == [Swap(frozenset({B}))]


def test_what_is_saved_during_a_start_is_swapped_in_afterwards() -> None:
    session = Session()
    session.step(Begin())
    assert session.step(code(A)) == []
    assert session.step(Ready()) == [Swap(frozenset({A}))]


def test_what_is_read_at_a_start_restarts_the_app() -> None:
    session = running()
    effects = session.step(Saved(start="Tauri.toml"))
    assert effects == [End("Tauri.toml has changed")]
    assert session.step(code(A)) == []
    assert session.step(AppEnded(143)) == [Start()]


def test_a_change_that_cannot_be_swapped_in_restarts_the_app() -> None:
    session = running()
    session.step(code(A))
    assert session.step(Unswappable("it is a closure")) == [End("it is a closure")]
    assert session.step(AppEnded(143)) == [Start()]


def test_an_app_that_fails_waits_for_the_next_save() -> None:
    session = Session()
    session.step(Begin())
    assert session.step(AppEnded(1)) == [AwaitSave(1)]
    assert session.step(Saved(pages=True)) == []
    assert session.step(code(A)) == [Start()]


def test_an_app_that_was_closed_ends_the_tool() -> None:
    assert running().step(AppEnded(0)) == [Finish(0)]


def test_an_app_that_asks_for_a_restart_starts_again() -> None:
    assert running().step(AppEnded(255, again=True)) == [Start()]


def test_pages_are_loaded_anew() -> None:
    assert running().step(Saved(pages=True)) == [Reload()]


def test_an_interrupt_ends_the_app_and_then_the_tool() -> None:
    session = running()
    assert session.step(StopAsked(130)) == [End(None)]
    assert session.step(StopAsked(130)) == []
    assert session.step(AppEnded(143)) == [Finish(130)]
    assert Session().step(StopAsked(1)) == [Finish(1)]


EVENTS: list[SessionEvent] = [
    Begin(),
    code(A),
    code(B),
    code(A, B),
    Saved(pages=True),
    Saved(start="Tauri.toml"),
    Ready(),
    Swapped(),
    Failed(),
    Unswappable("reason"),
    AppEnded(0),
    AppEnded(1),
    AppEnded(255, again=True),
]


@pytest.mark.parametrize("seed", range(200))
def test_whatever_happens_there_is_one_app_and_one_swap(seed: int) -> None:  # noqa: PLR0912
    """The world around a session: a process that may end at any time, and an agent in it."""
    chance, session = random.Random(seed), Session()
    alive, ready, swap = False, False, None
    saved, taken = set[Path](), set[Path]()
    for _ in range(60):
        event = chance.choice(EVENTS)
        if isinstance(event, AppEnded) and not alive:
            continue
        if isinstance(event, Ready) and (not alive or ready):
            continue
        if isinstance(event, Swapped | Failed | Unswappable) and swap is None:
            continue
        match event:
            case Saved():
                saved |= event.code
            case AppEnded():
                alive, ready, swap = False, False, None
            case Ready():
                ready = True
            case Swapped():
                assert swap is not None
                taken |= swap
                saved -= swap - session.waiting
                swap = None
            case Failed() | Unswappable():
                swap = None
            case _:
                pass
        for effect in session.step(event):
            match effect:
                case Start():
                    assert not alive
                    alive, saved = True, set()
                case Swap(files):
                    assert ready
                    assert swap is None
                    swap = set(files)
                case End() | Reload():
                    assert alive
                case Finish(_):
                    assert not alive
                    return
                case AwaitSave():
                    assert not alive
        if session.phase is Phase.RUNNING:
            assert saved <= session.waiting | (swap or set()), "a save was lost"
    effects = session.step(StopAsked(130))
    if alive and not any(isinstance(it, Finish) for it in effects):
        assert session.step(AppEnded(143)) == [Finish(130)]
