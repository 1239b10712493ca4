"""Tests that a failure is reported whatever the exception, the logging and stderr do."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest
from odd import NAMES, ODD, ApiError, RaisingFilter, RaisingHandler

from transom._call.runner import fail
from transom._observe.failures import describe, report, trace_of
from transom._worker.process.preload import load

log = logging.getLogger("transom")


class BrokenStream(io.StringIO):
    def write(self, _: str, /) -> NoReturn:
        raise SystemExit("no console")


@contextmanager
def logging_with(part: logging.Handler | logging.Filter) -> Iterator[None]:
    if isinstance(part, logging.Handler):
        logging.root.addHandler(part)
    else:
        log.addFilter(part)
    try:
        yield
    finally:
        logging.root.removeHandler(cast("Any", part))
        log.removeFilter(part)


def raised(make: Callable[[], BaseException]) -> BaseException:
    try:
        raise make()
    except BaseException as error:  # noqa: BLE001
        return error


@pytest.mark.parametrize("make", ODD, ids=NAMES)
def test_every_exception_has_a_traceback_with_its_place(
    make: Callable[[], BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    report(log, "%s failed", "it", error=raised(make))
    [record] = caplog.records
    assert record.getMessage() == "it failed"
    assert record.funcName == "test_every_exception_has_a_traceback_with_its_place"
    assert "raise make()" in (record.exc_text or "")
    assert NAMES[ODD.index(make)] in (record.exc_text or "")


PARTS: list[Callable[[], logging.Handler | logging.Filter]] = [
    RaisingFilter,
    lambda: RaisingHandler(RuntimeError("handler")),
    lambda: RaisingHandler(SystemExit(9)),
    lambda: RaisingHandler(ApiError()),
]
IDS = ["a filter", "a handler", "a handler that exits", "a handler that raises oddly"]


@pytest.mark.parametrize("part", PARTS, ids=IDS)
@pytest.mark.parametrize("make", ODD, ids=NAMES)
def test_what_the_logging_does_not_take_is_written(
    make: Callable[[], BaseException],
    part: Callable[[], logging.Handler | logging.Filter],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_with(part()):
        report(log, "%s failed", "it", error=raised(make))
    written = capsys.readouterr().err
    assert "it failed\nTraceback" in written
    assert "raise make()" in written
    assert "It could not be logged: " in written


@pytest.mark.parametrize("stream", [None, BrokenStream()], ids=["none", "broken"])
def test_without_a_console_it_is_written_to_the_descriptor(
    stream: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with logging_with(RaisingFilter()):
        report(log, "%s failed", "it", error=ValueError("x"))
    assert "it failed" in capfd.readouterr().err


def test_arguments_that_have_no_text_are_shown_without_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Silent:
        def __repr__(self) -> NoReturn:
            raise SystemExit("repr")

    report(log, "%r failed", Silent())
    assert "Silent object at" in caplog.messages[0]


def test_a_chain_that_is_too_deep_for_traceback_is_cut() -> None:
    error: BaseException = ValueError("last")
    for _ in range(3000):
        error = ExceptionGroup("g", [cast("Exception", error)])
    assert "g (1 sub-exception)" in trace_of(error)
    assert describe(ValueError("x")) == "ValueError('x')"


class Silent:
    """A call that can neither be answered nor described."""

    cancelled = settled = False
    command = window = "w"

    def reject(self, *_: object) -> NoReturn:
        raise RuntimeError("no link")


@pytest.mark.parametrize("make", ODD, ids=NAMES)
def test_nothing_comes_out_of_the_end_of_a_call(make: Callable[[], BaseException]) -> None:
    with logging_with(RaisingHandler(SystemExit(9))):
        fail(cast("Any", Silent()), raised(make))


class NoThreads:
    def take(self, _: str) -> None: ...


def test_a_module_that_raises_oddly_is_one_that_cannot_be_preloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raises_oddly.py").write_text("import odd\n\nraise odd.ApiError\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = load("raises_oddly", cast("Any", NoThreads()))
    assert found is not None
    assert "ApiError: api" in str(found)
