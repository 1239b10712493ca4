"""Tests the scripts of a release, without building one: `make release-check` does."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import release_check
import release_install
import release_notes
import release_readme
import release_wheel
import versions

WORKFLOW = versions.ROOT / ".github" / "workflows" / "release.yml"
CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2027-01-02

### Added

- One thing, and
  what it is for.
  - A thing in it.
- Another.

Words
that go on.

## [0.1.0] - 2026-12-01

- First.
"""


def test_everything_that_is_released_has_one_version() -> None:
    assert versions.problems() == []
    assert versions.problems(f"v{versions.version()}") == []


def test_another_version_and_another_tag_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "version", lambda: "9.0.0")
    wrong = versions.problems("v1.0.0")
    assert len(wrong) == 4
    assert "js/package.json says 0" in wrong[0]
    assert wrong[0].endswith("write 9.0.0 there")
    assert wrong[-1] == "the tag is v1.0.0, Cargo.toml says 9.0.0: tag v9.0.0"


def test_the_readme_of_an_index_leads_into_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "version", lambda: "9.0.0")
    text = (
        "[one](docs/README.md#guide), [out](https://tauri.app), [here](#build)\n"
        "![picture](docs/images/workbench.png) [`js/`](js)"
    )
    repository = "https://github.com/transom-dev/transom"
    raw = "https://raw.githubusercontent.com/transom-dev/transom"
    assert release_readme.absolute(text) == (
        f"[one]({repository}/blob/v9.0.0/docs/README.md#guide), [out](https://tauri.app), "
        f"[here](#build)\n![picture]({raw}/v9.0.0/docs/images/workbench.png) "
        f"[`js/`]({repository}/tree/v9.0.0/js)"
    )
    whole = release_readme.absolute(release_readme.README.read_text())
    assert not re.search(r"\]\((?!https:|#)", whole)
    with pytest.raises(LookupError, match=r"links to none\.md"):
        release_readme.absolute("[x](none.md)")


def test_the_notes_are_the_entry_of_the_version_unwrapped() -> None:
    expected = (
        "### Added\n\n- One thing, and what it is for.\n  - A thing in it.\n- Another.\n\n"
        "Words\nthat go on.\n"
    )
    assert release_notes.notes(CHANGELOG, "0.2.0") == expected
    assert release_notes.notes(CHANGELOG, "v0.1.0") == "- First.\n"


@pytest.mark.parametrize(("version", "what"), [("0.3.0", "no"), ("Unreleased", "nothing under")])
def test_a_release_without_notes_is_refused(version: str, what: str) -> None:
    with pytest.raises(LookupError, match=f"CHANGELOG.md has {what} “## \\[{version}\\]”"):
        release_notes.notes(CHANGELOG, version)


def test_the_changelog_has_notes_for_the_next_release() -> None:
    entries = release_notes.entries((versions.ROOT / "CHANGELOG.md").read_text())
    assert "Unreleased" in entries


def wheel(folder: Path, tag: str, **files: str) -> Path:
    path = folder / f"transom-0.1.0-cp311-abi3-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".so", text)
    return path


def test_a_wheel_with_a_tag_that_an_index_takes_is_right(tmp_path: Path) -> None:
    original = wheel(tmp_path, "linux_x86_64", transom___native="x")
    good = wheel(tmp_path, "manylinux_2_34_x86_64", transom___native="x")
    assert release_wheel.problems(good, original) == []


def test_a_wheel_that_no_index_takes_is_told(tmp_path: Path) -> None:
    original = wheel(tmp_path, "linux_x86_64", transom___native="x")
    (wrong,) = release_wheel.problems(original, original)
    assert wrong.endswith("has no manylinux tag: an index refuses it")
    new = wheel(tmp_path, "manylinux_2_39_x86_64", transom___native="x")
    (wrong,) = release_wheel.problems(new, original)
    assert wrong.endswith("wants glibc 2.39: build it where 2.35 is")


def test_vendored_and_changed_libraries_are_told(tmp_path: Path) -> None:
    original = wheel(tmp_path, "linux_x86_64", transom___native="x")
    full = wheel(tmp_path, "manylinux_2_34_x86_64", transom___native="y", transom_libs__libgtk="z")
    assert release_wheel.problems(full, original) == [
        "libraries were vendored, add them to SYSTEM: transom_libs/libgtk.so",
        "the native module was changed",
    ]


def test_an_interpreter_that_is_missing_fails(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"there is no Python 3\.99: install it"):
        release_install.try_on("3.99", tmp_path / "x.whl", tmp_path / "work")


def test_the_app_that_is_tried_is_that_of_the_readme(tmp_path: Path) -> None:
    written = release_install.app(tmp_path)
    files = {str(it.relative_to(written)) for it in written.rglob("*") if it.is_file()}
    assert files == {"app.py", "Tauri.toml", "capabilities/main.toml", "frontend/index.html"}


def test_each_step_gets_a_line_and_one_that_fails_stops_no_other() -> None:
    def fails() -> str:
        raise release_check.WrongError("it is not right")

    def breaks() -> str:
        raise OSError("the disk is full")

    lines, right = release_check.results({"a": fails, "b": breaks, "c": lambda: "found"})
    assert not right
    assert lines == [
        "  FAILED  a: it is not right",
        "  FAILED  b: the disk is full",
        "  ok      c: found",
    ]


def test_the_check_takes_the_interpreters_that_the_package_is_for() -> None:
    project = (versions.ROOT / "pyproject.toml").read_text()
    classified = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project))
    assert set(release_install.PYTHONS) <= classified


def test_the_workflow_names_scripts_and_groups_that_are_there() -> None:
    text = WORKFLOW.read_text()
    scripts = set(re.findall(r"scripts/\w+\.(?:py|sh)", text))
    assert {
        "scripts/versions.py",
        "scripts/release_notes.py",
        "scripts/release_wheel.py",
    } <= scripts
    assert [it for it in scripts if not (versions.ROOT / it).is_file()] == []
