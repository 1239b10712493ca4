"""Decides what `transom dev` does: starts, swaps, restarts, and the end. Pure.

```text
none ──save──▶ starting ──ready──▶ running ──ended with an error──▶ none
  ▲               │                 │   ▲
  └───ended───────┘          restart│   │swapped, failed
                                    ▼   │
                                  ending ──ended──▶ starting
```

There is one app at a time, and one swap. What is saved meanwhile waits. Files whose new code had an
error stay in the next swap, until one succeeds.
"""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias


class Phase(Enum):
    """Where the app is."""

    NONE = "none"
    STARTING = "starting"
    RUNNING = "running"
    ENDING = "ending"


# What happens.


@dataclass(frozen=True, slots=True)
class Begin:
    """Everything that the app needs is there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Files have changed: Python code, pages, or what is read at a start only."""

    code: frozenset[Path] = frozenset()
    pages: bool = False
    start: str | None = None
    """The name of a file that is read at a start only."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The app has a window."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """The new code is in use."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The new code has an error, and the old one is in use."""


@dataclass(frozen=True, slots=True)
class Unswappable:
    """The app has to restart for the new code."""

    reason: str


@dataclass(frozen=True, slots=True)
class AppEnded:
    """The app's process is gone."""

    code: int
    again: bool = False
    """Whether the app asked for a restart."""


@dataclass(frozen=True, slots=True)
class StopAsked:
    """Ctrl-C, or the tool cannot go on."""

    code: int


SessionEvent: TypeAlias = (
    Begin | Saved | Ready | Swapped | Failed | Unswappable | AppEnded | StopAsked
)

# What is to be done.


@dataclass(frozen=True, slots=True)
class Start:
    """Start the app."""


@dataclass(frozen=True, slots=True)
class End:
    """End the app. `reason`: why it restarts; `None`: it does not."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class Swap:
    """Have the app take the new code of these files."""

    files: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Reload:
    """Have the windows load their pages anew."""


@dataclass(frozen=True, slots=True)
class AwaitSave:
    """Say that the app is not there until a file is saved."""

    code: int


@dataclass(frozen=True, slots=True)
class Finish:
    """End everything, with this exit code."""

    code: int


SessionEffect: TypeAlias = Start | End | Swap | Reload | AwaitSave | Finish


@dataclass(slots=True)
class Session:
    """The state of one `transom dev`."""

    phase: Phase = Phase.NONE
    swapping: bool = False
    over: int | None = None
    """The exit code, once the end was asked for."""
    waiting: set[Path] = field(default_factory=set[Path])
    """Files that are saved and not swapped in."""
    tried: frozenset[Path] = frozenset()
    """Those of the swap that goes on."""

    def step(self, event: SessionEvent) -> list[SessionEffect]:
        """Takes what happened. Gives what to do about it."""
        if isinstance(event, StopAsked):
            return self._interrupt(event.code)
        if isinstance(event, AppEnded):
            return self._ended(event.code, event.again)
        return [] if self.over is not None else self._go_on(event)

    def _go_on(
        self, event: Begin | Saved | Ready | Swapped | Failed | Unswappable
    ) -> list[SessionEffect]:
        match event:
            case Begin():
                return self._start()
            case Saved():
                return self._saved(event)
            case Ready() if self.phase is Phase.STARTING:
                self.phase = Phase.RUNNING
                return self._swap(self.waiting)
            case Unswappable(reason) if self.phase is Phase.RUNNING:
                return self._restart(reason)
            case Swapped() | Failed():
                return self._swap_ended(failed=isinstance(event, Failed))
            case _:
                return []

    def _start(self) -> list[SessionEffect]:
        if self.phase is not Phase.NONE:
            return []
        self.phase, self.swapping = Phase.STARTING, False
        self.waiting.clear()
        return [Start()]

    def _restart(self, reason: str) -> list[SessionEffect]:
        self.phase, self.swapping = Phase.ENDING, False
        return [End(reason)]

    def _saved(self, saved: Saved) -> list[SessionEffect]:
        if self.phase is Phase.ENDING:
            return []
        if self.phase is Phase.NONE:
            return self._start() if saved.code or saved.start else []
        if saved.start is not None:
            return self._restart(f"{saved.start} has changed")
        effects: list[SessionEffect] = []
        new = set(saved.code)
        self.waiting |= new
        if new and self.phase is Phase.RUNNING and not self.swapping:
            effects += self._swap(new)
        if saved.pages and self.phase is Phase.RUNNING:
            effects.append(Reload())
        return effects

    def _swap(self, new: set[Path]) -> list[SessionEffect]:
        if not new:
            return []
        self.swapping, self.tried = True, frozenset(self.waiting)
        self.waiting.clear()
        return [Swap(self.tried)]

    def _swap_ended(self, *, failed: bool) -> list[SessionEffect]:
        if not self.swapping:
            return []
        self.swapping = False
        new = set(self.waiting)
        if failed:
            self.waiting |= self.tried
        return self._swap(new)

    def _ended(self, code: int, again: bool) -> list[SessionEffect]:
        restarts = self.phase is Phase.ENDING or again
        was_running = self.phase is not Phase.NONE
        self.phase, self.swapping = Phase.NONE, False
        if not was_running:
            return []
        if self.over is not None:
            return [Finish(self.over)]
        if restarts:
            return self._start()
        return [Finish(0)] if code == 0 else [AwaitSave(code)]

    def _interrupt(self, code: int) -> list[SessionEffect]:
        if self.over is not None:
            return []
        self.over = code
        if self.phase is Phase.NONE:
            return [Finish(code)]
        if self.phase is Phase.ENDING:
            return []
        self.phase = Phase.ENDING
        return [End(None)]
