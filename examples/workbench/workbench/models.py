"""Defines the values that pages and Python exchange. ``frontend/src/shared/api.ts`` mirrors it."""

from typing import Literal

from pydantic import BaseModel, Field


class DocumentName(BaseModel):
    """Names one document of the folder."""

    name: str


class DocumentInfo(BaseModel):
    """One row of the main window's list."""

    name: str
    kind: Literal["md", "txt", "csv"]
    size: int
    """Bytes."""
    modified: float
    """Seconds since 1970."""
    open: bool
    """An editor window shows it."""
    unsaved: bool
    """That editor holds changes that are not on disk."""


class Folder(BaseModel):
    """The main window's list."""

    path: str
    documents: list[DocumentInfo]


class Text(BaseModel):
    """The text of the document that the calling editor shows."""

    text: str


class LoadedDocument(BaseModel):
    """What an editor starts from."""

    name: str
    kind: Literal["md", "txt", "csv"]
    text: str


class Unsaved(BaseModel):
    """Whether the calling editor holds changes that are not on disk."""

    unsaved: bool


class FolderChanged(BaseModel):
    """Payload of the event ``folder-changed``."""

    name: str
    change: Literal["created", "saved", "opened", "closed", "edited"]


class DocumentReport(BaseModel):
    """One document, as "Analyse all" sees it."""

    name: str
    words: int
    minutes: float
    """Reading time."""
    ease: float
    """Flesch reading ease: 0 is hard, 100 is easy."""


class FolderReport(BaseModel):
    """The result of "Analyse all"."""

    documents: list[DocumentReport]
    words: int
    minutes: float


class Term(BaseModel):
    """A word and how often it stands."""

    word: str
    count: int


class IndexReport(BaseModel):
    """The result of "Build index"."""

    lines: int
    distinct: int
    top: list[Term]


class Summary(BaseModel):
    """The result of "Summarise"."""

    sentences: list[str]
    of: int
    """How many sentences the text has."""
    keywords: list[str]


class WordCount(BaseModel):
    """The result of "Count words"."""

    words: int
    distinct: int
    sentences: int
    longest: str
    top: list[Term]


class CoverOrder(BaseModel):
    """A picture to render, in pixels."""

    text: str
    """What it is a picture of."""
    width: int = Field(ge=16, le=4096)
    height: int = Field(ge=16, le=4096)


class Task(BaseModel):
    """One live call, as the tasks window shows it."""

    id: int
    command: str
    window: str
    document: str | None
    """What the calling editor shows; ``None`` for the other windows."""
    state: Literal["queued", "running", "cancelling"]
    seconds: float
    """Since the call was accepted."""
    done: float | None
    total: float | None
    message: str | None


class Permits(BaseModel):
    """A command that runs so many calls at once and no more."""

    command: str
    granted: int
    """Permits out."""
    limit: int
    waiting: int
    """Calls that wait for one."""


class WorkerRow(BaseModel):
    """One worker process."""

    pool: str
    id: int
    name: str
    pid: int | None
    state: Literal["starting", "idle", "busy", "cancelling", "ending"]
    calls: list[int]
    command: str | None
    """Of the call that it runs."""
    caller: str | None
    """The document or the window from which that call came."""
    memory: int | None
    """Resident bytes."""
    finished: int
    """Calls that it has run to their end."""


class PoolRow(BaseModel):
    """A pool of worker processes that has been used."""

    name: str
    size: int
    """How many calls run at once."""
    reason: str | None
    """Why it is unavailable."""
    quarantined: list[str]
    """Commands that rest because their calls killed workers."""
    workers: list[WorkerRow]


class Overview(BaseModel):
    """What the tasks window shows."""

    tasks: list[Task]
    """Oldest first."""
    orphans: int
    """Calls that were answered and whose code still runs."""
    permits: list[Permits]
    """The busy ones."""
    pools: list[PoolRow]
    refused: dict[str, int]
    """How many calls ended with an error since the start, by its code."""


class TaskId(BaseModel):
    """Names one live call."""

    id: int


class WorkerId(BaseModel):
    """Names one worker process, as somebody saw it."""

    pool: str
    id: int
    calls: list[int]
    """The calls that it ran then."""
