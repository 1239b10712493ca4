"""Defines `Job`: a call that went on after its page."""

from typing import Any, Literal, NamedTuple

from ..._observe.calls import Progress


class Job(NamedTuple):
    """A job, as `pyJobs()` lists it: a call of a command with `on_close="detach"`."""

    id: int
    command: str
    window: str
    """Label of the window that called."""
    state: Literal["queued", "running", "finished", "failed", "cancelled"]
    """`queued`: its code has not begun. `failed`: `attach` gives its error."""
    progress: Progress | None
    """The latest that the command reported."""
    started_at: float
    """When it was called, as `time.time()`."""

    @classmethod
    def of_frame(cls, frame: dict[str, Any]) -> "Job":
        """Reads a job from the host's list."""
        started_at, progress = frame.pop("startedAt") / 1000, frame.pop("progress")
        if progress is not None:
            progress = Progress(progress["done"], progress["total"], progress["message"])
        return cls(**frame, progress=progress, started_at=started_at)
