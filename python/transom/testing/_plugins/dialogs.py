"""Defines `Dialogs`, by which a test says what the user of a dialog answers."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

from anyio import Event

from ...errors import TransomError

DialogKind: TypeAlias = Literal[
    "message", "pick_file", "pick_files", "pick_folder", "pick_folders", "save_file"
]
"""What a dialog is, by the name of the method that shows it."""
DialogAnswer: TypeAlias = bool | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
"""`True` or `False` for a message; a path, paths or `None` (cancelled) for the others."""

_EXAMPLES: dict[DialogKind, str] = {
    "message": "True",
    "pick_file": 'Path("a.txt")',
    "pick_files": '[Path("a.txt")]',
    "pick_folder": 'Path("a")',
    "pick_folders": '[Path("a")]',
    "save_file": 'Path("a.txt")',
}


class UnexpectedDialog(TransomError, RuntimeError):  # noqa: N818 - it says what it is
    """A command has shown a dialog that the test has said no answer to."""


@dataclass(frozen=True)
class Dialog:
    """A dialog that was shown."""

    kind: DialogKind
    message: str = ""
    title: str | None = None
    level: Literal["Info", "Warning", "Error"] | None = None
    """The icon of a message."""
    buttons: tuple[str, ...] = ()
    """Of a message: the name of the `MessageDialogButtons`, and its own texts."""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of the others: names, and endings of file names."""
    directory: Path | None = None
    file_name: str | None = None
    parent: str | None = None
    """The label of the window that it belongs to."""


Chosen: TypeAlias = "DialogAnswer | Callable[[Dialog], DialogAnswer]"


@dataclass
class _Rule:
    kind: DialogKind | None
    chosen: Any
    leaves_open: bool = False

    def fits(self, dialog: Dialog) -> bool:
        return self.kind in (None, dialog.kind)


@dataclass(eq=False)
class Open:
    """A dialog that the user has not answered yet."""

    dialog: Dialog
    answered: Callable[[Any], object]
    """Takes the answer."""


class Dialogs:
    """The dialogs of a `TestApp`: what was asked, and what the user answers."""

    def __init__(self, soon: Callable[[Callable[[], object]], object]) -> None:
        """`soon(act)` runs `act()` on the loop of the test."""
        self.asked: list[Dialog] = []
        """The dialogs so far, in order, unexpected ones included. Clear it when you like."""
        self._soon = soon
        self._lock = threading.RLock()
        self._next = list[_Rule]()
        self._always = list[_Rule]()
        self._open = list[Open]()
        self._heard = list[Callable[[], object]]()

    def answer(
        self, answer: Chosen, /, kind: DialogKind | None = None, *, always: bool = False
    ) -> None:
        """Says what the user answers to the next dialog that has no answer yet.

        Args:
            answer: `True` or `False` for a message; for the others a path, a list of paths, or
                `None` for a user who cancels. A function gets the `Dialog` and returns that.
            kind: For the next dialog of this kind, such as `"save_file"`. Default: of any.
            always: For every further dialog, where none was said for the next.

        Raises:
            TypeError: No dialog of this kind has such an answer.
            ValueError: There is no such kind.
        """
        if kind is not None:
            _check_kind(kind)
            if not callable(answer):
                _taken(kind, answer)
        with self._lock:
            (self._always if always else self._next).append(_Rule(kind, answer))

    def leave_open(self, kind: DialogKind | None = None, /) -> None:
        """Says that the user does not answer the next dialog, of this kind, until `close()`."""
        if kind is not None:
            _check_kind(kind)
        with self._lock:
            self._next.append(_Rule(kind, None, leaves_open=True))

    @property
    def open(self) -> list[Dialog]:
        """The dialogs that were left open, oldest first."""
        with self._lock:
            return [it.dialog for it in self._open]

    async def opened(self) -> Dialog:
        """Waits for a dialog that is left open. It may wait for ever: use `anyio.fail_after`."""
        while not (there := self.open):
            came = Event()
            with self._lock:
                self._heard.append(came.set)
            await came.wait()
        return there[0]

    def close(self, answer: DialogAnswer, /) -> None:
        """Answers the oldest dialog that was left open.

        Raises:
            LookupError: None is open.
            TypeError: It cannot be answered so.
        """
        with self._lock:
            if not self._open:
                raise LookupError("no dialog is open: say `leave_open()` before it is shown")
            taken = _taken(self._open[0].dialog.kind, answer)
            shown = self._open.pop(0)
        shown.answered(taken)

    # For the doubles.

    def show(self, dialog: Dialog, answered: Callable[[Any], object]) -> Open | None:
        """Shows a dialog. `answered(answer)` is called at once; or later, where it is left open.

        Raises:
            UnexpectedDialog: Nothing was said about it.
        """
        with self._lock:
            self.asked.append(dialog)
            rule = next((it for it in self._next if it.fits(dialog)), None)
            if rule is not None:
                self._next.remove(rule)
            else:
                rule = next((it for it in reversed(self._always) if it.fits(dialog)), None)
            if rule is None:
                raise UnexpectedDialog(
                    f"the test has no answer to this dialog: {dialog}. Say it before, as by "
                    f"`app.dialogs.answer({_EXAMPLES[dialog.kind]}, {dialog.kind!r})`"
                )
            if rule.leaves_open:
                shown = Open(dialog, answered)
                self._open.append(shown)
                heard, self._heard = self._heard, []
                for tell in heard:
                    self._soon(tell)
                return shown
        chosen = rule.chosen(dialog) if callable(rule.chosen) else rule.chosen
        answered(_taken(dialog.kind, chosen))
        return None

    def give_up(self, shown: Open) -> None:
        """Nobody waits for its answer any more. It stays open."""
        shown.answered = lambda _: None


def _check_kind(kind: object) -> None:
    if kind not in get_args(DialogKind):
        raise ValueError(
            f"there is no dialog {kind!r}; there are: {', '.join(get_args(DialogKind))}"
        )


def _taken(kind: DialogKind, answer: object) -> Any:
    """The answer as a command gets it. `TypeError`: no such dialog has it."""
    if kind == "message":
        if isinstance(answer, bool):
            return answer
        raise TypeError(f"a message is answered by True or False, not by {answer!r}")
    if answer is None:
        return None
    if kind in ("pick_files", "pick_folders"):
        if isinstance(answer, list | tuple):
            return [Path(it) for it in cast("list[Any]", answer)]
        raise TypeError(f"`{kind}` is answered by a list of paths or None, not by {answer!r}")
    if isinstance(answer, str | os.PathLike):
        return Path(cast("str", answer))
    raise TypeError(f"`{kind}` is answered by a path or None, not by {answer!r}")
