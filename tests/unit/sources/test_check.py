"""Tests `scripts/check.py`: which suites run side by side, and what it reports of them."""

from __future__ import annotations

import sys
from pathlib import Path

import check
import pytest
import suites
from suites import Suite


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the suites write when they begin and end."""
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "LOGS", tmp_path / "logs")
    check.LOGS.mkdir()
    return tmp_path / "journal"


def suite(name: str, source: str = "", **more: object) -> Suite:
    return Suite(name, [sys.executable, "-c", source], **more)  # pyright: ignore[reportArgumentType]


def noted(name: str, journal: Path, source: str = "", **more: object) -> Suite:
    """A suite that notes when it begins and ends."""
    note = f"open({str(journal)!r}, 'a').write"
    return suite(name, f"{note}('{name} begins\\n')\n{source}\n{note}('{name} ends\\n')", **more)


def test_suites_run_side_by_side(tmp_path: Path) -> None:
    """Each ends only if the other runs."""
    meet = (
        "import pathlib, time; pathlib.Path({!r}).touch()\n"
        "while not pathlib.Path({!r}).exists(): time.sleep(0.01)"
    )
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    both = [suite("a", meet.format(a, b), limit=600), suite("b", meet.format(b, a), limit=600)]
    assert [it.problem for it in check.run_all(both, jobs=2)] == ["", ""]


def test_those_that_mostly_wait_share_a_processor(tmp_path: Path) -> None:
    """Each ends only if all three run, on two processors."""
    meet = (
        "import pathlib, time; here = pathlib.Path({!r}); (here / {!r}).touch()\n"
        "while len(list(here.iterdir())) < 3: time.sleep(0.01)"
    )
    met = tmp_path / "met"
    met.mkdir()
    shares = {"a": 0.5, "b": 0.5, "c": 1.0}
    chosen = [
        suite(name, meet.format(str(met), name), limit=600, share=share)
        for name, share in shares.items()
    ]
    assert [it.problem for it in check.run_all(chosen, jobs=2)] == ["", "", ""]


def test_one_job_is_one_suite_at_a_time(journal: Path) -> None:
    wait = "import time; time.sleep(0.1)"
    check.run_all([noted(name, journal, wait, share=0.5) for name in "ab"], jobs=1)
    assert journal.read_text().split() == ["a", "begins", "a", "ends", "b", "begins", "b", "ends"]


def test_every_test_file_is_dealt_to_one_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suites, "ROOT", tmp_path)
    names = [f"test_{letter}.py" for letter in "abcde"]
    for name in names:
        (tmp_path / name).touch()
    dealt = suites.parts(tmp_path)
    assert len(dealt) == suites.PARTS
    assert sorted(name for files in dealt for name in files) == names


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_one_waits_for_what_it_needs_and_for_what_another_holds(journal: Path, jobs: int) -> None:
    wait = "import time; time.sleep(0.2)"
    chosen = [
        noted("last", journal, after=("build of ",)),
        noted("build of one", journal, wait, holds="cargo"),
        noted("build of two", journal, wait, holds="cargo"),
    ]
    results = check.run_all(chosen, jobs)
    assert [it.suite for it in results] == chosen
    order = ["build of one", "build of two", "last"]
    told = [f"{name} {what}" for name in order for what in ("begins", "ends")]
    assert journal.read_text().splitlines() == told


def test_what_fails_does_so_alone_and_is_named(
    journal: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [
        suite("wrong", "print('it broke'); raise SystemExit(3)"),
        suite("hanging", "import time; print('now', flush=True); time.sleep(600)", limit=1.0),
        Suite("nowhere", ["/no/such/program"]),
        noted("right", journal, after=("wrong",)),
    ]
    monkeypatch.setattr(check, "suites", lambda: chosen)
    assert check.main([]) == 1
    said = capfd.readouterr().out
    results = said.partition("summary")[2].splitlines()
    assert [line.split()[:2] for line in results[1:5]] == [
        ["FAILED", "wrong"], ["FAILED", "hanging"], ["FAILED", "nowhere"], ["ok", "right"]
    ]  # fmt: skip
    assert results[1].endswith("exit code 3")
    assert results[2].endswith("hung, ended after 1 s")
    assert "No such file" in results[3]
    assert "it broke" in said
    assert "3 of 4 suites failed" in said


def test_the_seconds_of_processors_are_counted(capfd: pytest.CaptureFixture[str]) -> None:
    work = "import time\nwhile time.process_time() < 0.5: pass"
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}], check=True)"
    (result,) = check.run_all([suite("busy", child)], 1)
    if sys.platform != "win32":
        assert result.cpu > 0.4
    assert result.problem == ""
    assert "busy" in capfd.readouterr().out
