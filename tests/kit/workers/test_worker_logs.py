"""Tests that what worker processes print and log reaches the host's log complete."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from transom import Commands, ProcessPool
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]

LINES = 5_000
ROWS = 30_000
log = logging.getLogger("app.tables")


@pytest.fixture
def anyio_backend() -> str:
    """The app's own loop has no part in this."""
    return "asyncio"


class Slow(logging.Handler):
    """Takes its time for each line of a worker, and keeps them."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("process-1: line"):
            time.sleep(self._seconds)
            self.lines.append(text)


@pytest.fixture
def slow() -> Iterator[Slow]:
    logger, handler = logging.getLogger("transom"), Slow(0.0002)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


def chatter(body: int) -> None:
    for number in range(body):
        print("line", number)


def bars() -> None:
    for done in range(2000):
        sys.stderr.write(f"\r{done:5} of 2000 |{'#' * 60}|")
    sys.stderr.write("\n")


def greet() -> None:
    print("Grüße, 世界 \ud800")
    sys.stderr.write("schön\n")


def report() -> None:
    log.debug("not asked for")
    log.info("%d rows", 3, extra={"table": "people", "odd": object()})
    logging.getLogger("app.other").log(25, "between")
    try:
        raise ValueError("half \ud800 a character")
    except ValueError:
        log.exception("it went wrong")
    child = os.fork()
    if child == 0:
        # It has no link, and must not end for want of one.
        log.error("a fork speaks")
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


class Row(BaseModel):
    number: int


class Table(BaseModel):
    rows: list[Row]


def validate(body: int) -> None:
    Table.model_validate({"rows": [{"number": "x" * 20}] * body})


def app_of(
    commands: Commands, *functions: Callable[..., Any], executor: str = "process"
) -> TestApp:
    for func in functions:
        commands.command(executor=executor)(func)
    return TestApp(commands, executors={"process": ProcessPool(workers=1, warm=0)})


async def test_a_worker_waits_for_the_log_and_loses_no_line(
    commands: Commands, slow: Slow, wait_for: WaitFor
) -> None:
    async with app_of(commands, chatter) as app:
        before = app.metrics().counters["dropped-log"]
        await app.window().invoke("chatter", LINES)
        await wait_for(lambda: slow.lines[-1:] == [f"process-1: line {LINES - 1}"])
        assert slow.lines == [f"process-1: line {number}" for number in range(LINES)]
        assert app.metrics().counters["dropped-log"] == before


async def test_of_a_bar_of_progress_the_last_state_is_logged(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    async with app_of(commands, bars) as app:
        await app.window().invoke("bars")
    lines = [it.getMessage() for it in caplog.records if "of 2000" in it.getMessage()]
    assert lines == [f"process-1:  1999 of 2000 |{'#' * 60}|"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict", "cp1252"])
async def test_text_is_printed_whatever_the_encoding_of_the_system(
    commands: Commands,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    encoding: str,
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    with caplog.at_level(logging.INFO, "transom"):
        async with app_of(commands, greet) as app:
            await app.window().invoke("greet")
    lines = {it.getMessage() for it in caplog.records}
    assert {r"process-1: Grüße, 世界 \ud800", "process-1: schön"} <= lines


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks")
async def test_records_keep_their_level_and_their_logger(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    async with app_of(commands, report) as app:
        await app.window().invoke("report")
    found = {it.getMessage(): it for it in caplog.records}
    assert "not asked for" not in found
    rows, error = found["3 rows"], found["it went wrong"]
    assert (rows.name, rows.levelname, rows.processName) == ("app.tables", "INFO", "process-1")
    assert (rows.funcName, rows.pathname) == ("report", __file__)
    assert vars(rows)["table"] == "people"
    assert (found["between"].name, found["between"].levelno) == ("app.other", 25)
    assert (error.levelname, error.name) == ("ERROR", "app.tables")
    assert str(error.exc_text).endswith(r"ValueError: half \ud800 a character")
    assert found["process-1: a fork speaks"].levelname == "WARNING"


async def test_a_level_that_the_host_has_chosen_holds_in_its_workers(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "app.other"), caplog.at_level(logging.DEBUG, "app.tables"):
        async with app_of(commands, report) as app:
            await app.window().invoke("report")
    found = [it.getMessage() for it in caplog.records if it.name.startswith("app.")]
    assert found == ["not asked for", "3 rows", "it went wrong"]


@pytest.mark.parametrize("executor", ["process", "thread"])
async def test_what_was_wrong_with_many_rows_is_a_record_that_a_log_can_bear(
    commands: Commands, caplog: pytest.LogCaptureFixture, executor: str
) -> None:
    async with app_of(commands, validate, executor=executor) as app:
        with pytest.raises(InvokeError, match="validation errors for Table"):
            await app.window().invoke("validate", ROWS)
    [record] = [it for it in caplog.records if it.name == "transom.ipc"]
    assert record.levelname == "ERROR"
    text = logging.Formatter().format(record)
    assert 1000 < len(text) < 70_000
    assert "Table.model_validate" in text
    assert f"{ROWS} validation errors for Table" in text
    assert "characters left out" in text
