"""Tests that the tables of the reference name all codes, options and limits that exist."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Iterator
from pathlib import Path

from pages import DOCS, ROOT

import transom
from transom import CallContext, Commands, Limits, ProcessPool
from transom.testing import InvokeError
from transom.updates import UntrustedError, UpdateError

REFERENCE = DOCS / "reference"


def rows(page: Path, header: str) -> Iterator[list[str]]:
    """The cells of the table whose first cell is `header`."""
    inside = False
    for line in page.read_text().splitlines():
        cells = [it.strip() for it in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[0] == header:
            inside = True
        elif not cells:
            inside = False
        elif inside and set(cells[0]) != {"-"}:
            yield cells


def section(page: Path, heading: str, folder: Path) -> Path:
    """A part of a page, as a file of its own."""
    text = re.split(rf"^## {re.escape(heading)}\n", page.read_text(), flags=re.MULTILINE)[1]
    part = folder / "section.md"
    part.write_text(re.split(r"^## ", text, flags=re.MULTILINE)[0])
    return part


def names(table: Iterator[list[str]]) -> list[str]:
    """What the first cells of a table name as code, without arguments."""
    return [it for cells in table for it in re.findall(r"`(\w+)[^`]*`", cells[0])]


def test_every_code_has_its_row() -> None:
    found = {
        it[0].strip("`"): it[2] for it in rows(REFERENCE / "errors.md", "code") if len(it) == 3
    }
    codes = {code: again for code, again in found.items() if again in ("yes", "no")}
    assert tuple(codes) == transom.ERROR_CODES
    source = "\n".join(it.read_text() for it in sorted((ROOT / "src").rglob("*.rs")))
    retryable = dict(re.findall(r'= "([\w-]+)", retryable: (\w+);', source))
    assert {code: again == "yes" for code, again in codes.items()} == {
        code: it == "true" for code, it in retryable.items()
    }


def test_every_exception_has_its_row() -> None:
    found = {it[0].strip("`"): it[1] for it in rows(REFERENCE / "errors.md", "exception") if it[2:]}
    elsewhere = {
        "transom.testing.InvokeError": InvokeError,
        "transom.updates.UpdateError": UpdateError,
        "transom.updates.UntrustedError": UntrustedError,
    }
    assert found.keys() == {*transom.errors.__all__, *elsewhere}
    for name, text in found.items():
        bases = (elsewhere.get(name) or getattr(transom.errors, name)).__bases__
        others = [it.__name__ for it in bases if it is not transom.TransomError]
        assert re.findall(r"`(\w+)`", text) == others, name


def test_every_option_of_a_command_has_its_row(tmp_path: Path) -> None:
    options = section(REFERENCE / "options.md", "A command", tmp_path)
    there = [*inspect.signature(Commands.command).parameters][2:]
    assert sorted(names(rows(options, "option"))) == sorted(there)


def test_every_option_of_an_app_has_its_row(tmp_path: Path) -> None:
    options = section(REFERENCE / "options.md", "An app", tmp_path)
    there = [*inspect.signature(transom.run).parameters][2:]
    assert names(rows(options, "option")) == there


def test_every_member_of_the_context_has_its_row(tmp_path: Path) -> None:
    members = section(REFERENCE / "options.md", "`CallContext`", tmp_path)
    there = {it for it in vars(CallContext) if not it.startswith("_")} - {"open_channel"}
    assert set(names(rows(members, "member"))) == there


def test_every_option_of_a_pool_has_its_row() -> None:
    found = {
        name: default
        for cells in rows(REFERENCE / "pools.md", "option")
        for name, default in [(cells[0].strip("`"), cells[1].strip("`"))]
    }
    fields = {it.name: it.default for it in dataclasses.fields(ProcessPool)}
    assert found.keys() == fields.keys()
    words = {"processors": None, "none": None, "the app's": None}
    for name, text in found.items():
        if name != "preload":
            given = words[text] if text in words else eval(text)
            assert given == fields[name], name


def test_every_limit_has_its_row() -> None:
    found = {it[0].strip("`"): it[1] for it in rows(REFERENCE / "limits.md", "`Limits(…)`")}
    fields = {it.name: it.default for it in dataclasses.fields(Limits)}
    assert found.keys() == fields.keys()
    for name, text in found.items():
        number = re.match(r"([\d,]+)( MiB)?", text)
        assert number, text
        scale = 1 << 20 if number[2] else 1
        assert int(number[1].replace(",", "")) * scale == fields[name], name


def test_every_metric_has_its_row() -> None:
    found: dict[str, set[str]] = {}
    for cells in rows(REFERENCE / "observability.md", "field"):
        first, *others = re.findall(r"`([^`]+)`", cells[0])
        owner, _, name = re.sub(r"\[.*?\]", "", first).partition(".")
        if owner in typing.get_type_hints(transom.Metrics):
            found.setdefault(owner, set()).update(it.strip(".") for it in [name, *others] if it)
    there: dict[str, set[str]] = {}
    for owner, hint in typing.get_type_hints(transom.Metrics).items():
        kind = next(
            (it for it in (hint, *typing.get_args(hint)) if dataclasses.is_dataclass(it)), None
        )
        there[owner] = set() if kind is None else {it.name for it in dataclasses.fields(kind)}
    assert found == there


def test_every_option_of_a_page_has_its_row(tmp_path: Path) -> None:
    readme = ROOT / "js" / "README.md"
    source = "\n".join(it.read_text() for it in sorted((ROOT / "js" / "src").rglob("*.ts")))
    for heading, interface in (("Options", "InvokeOptions"), ("Streams", "PyStreamOptions")):
        body = re.split(rf"interface {interface}\b.*{{\n", source)[1].split("\n}")[0]
        there = re.findall(r"^  readonly (\w+)\?:", body, re.MULTILINE)
        table = section(readme, heading, tmp_path)
        assert sorted(names(rows(table, "option"))) == sorted(there), interface
