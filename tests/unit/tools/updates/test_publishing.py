"""Tests the folder that a web server gives out, and what is not put into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from update_keys import Keys

from transom._updates import changes, publishing, signatures, targets
from transom._updates.manifest import Manifest
from transom.updates import UntrustedError, UpdateError

URL = "https://example.com/app"
BOTH = ("app_1.0.0_amd64.deb", "app_1.0.0_amd64.AppImage")


class Shop:
    """Builds, signs and publishes."""

    def __init__(self, room: Path, pair: Keys) -> None:
        self.room, self.pair, self.folder = room, pair, room / "site"

    def build(self, version: str, names: Sequence[str], data: bytes = b"data") -> list[Path]:
        made = list[Path]()
        for name in names:
            path = self.room / version / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data + name.encode())
            signatures.sign(path, version, self.pair.secret)
            made.append(path)
        return made

    def publish(self, version: str, *names: str, data: bytes = b"data", **options: Any) -> Manifest:
        files = self.build(version, names or BOTH, data)
        signed = [publishing.signed(it, self.pair.public) for it in files]
        return publishing.publish(self.folder, signed, url=URL, **options)

    def latest(self) -> dict[str, Any]:
        return json.loads((self.folder / "latest.json").read_text())

    def files(self) -> dict[str, bytes]:
        found = (it for it in self.folder.rglob("*") if it.is_file())
        return {str(it.relative_to(self.folder)): it.read_bytes() for it in found}


@pytest.fixture
def shop(tmp_path: Path, pair: Keys) -> Shop:
    return Shop(tmp_path, pair)


def test_the_folder_has_what_tauris_updater_asks_for(shop: Shop) -> None:
    shop.publish("1.0.0", notes="The first.")
    latest = shop.latest()
    assert (latest["version"], latest["notes"]) == ("1.0.0", "The first.")
    assert latest["pub_date"].endswith("Z")
    assert latest["platforms"].keys() == {
        "linux-x86_64",
        "linux-x86_64-appimage",
        "linux-x86_64-deb",
    }
    deb = latest["platforms"]["linux-x86_64-deb"]
    assert deb["url"] == f"{URL}/1.0.0/app_1.0.0_amd64.deb"
    assert latest["platforms"]["linux-x86_64"] == latest["platforms"]["linux-x86_64-appimage"]
    stored = shop.folder / "1.0.0" / "app_1.0.0_amd64.deb"
    assert signatures.verify(stored, deb["signature"], shop.pair.public, "1.0.0")
    assert (shop.folder / "1.0.0" / "app_1.0.0_amd64.deb.sig").read_text() == deb["signature"]
    assert stored.stat().st_mode & 0o444 == 0o444
    assert stored.parent.stat().st_mode & 0o555 == 0o555


def test_older_versions_stay(shop: Shop) -> None:
    shop.publish("1.0.0")
    before = {name: it for name, it in shop.files().items() if name.startswith("1.0.0/")}
    shop.publish("1.1.0")
    assert shop.latest()["version"] == "1.1.0"
    assert {name: it for name, it in shop.files().items() if name.startswith("1.0.0/")} == before
    assert json.loads(before["1.0.0/manifest.json"])["version"] == "1.0.0"


@pytest.mark.parametrize("version", ["1.1.0", "1.0.9", "1.1.0-rc.1"])
def test_a_version_that_is_not_newer_is_refused(shop: Shop, version: str) -> None:
    shop.publish("1.1.0")
    before = shop.files()
    with pytest.raises(UpdateError, match=r"is not newer than 1\.1\.0"):
        shop.publish(version)
    assert shop.files() == before
    shop.publish(version, force=True)
    assert shop.latest()["version"] == version


def test_another_system_joins_the_newest_version(shop: Shop) -> None:
    shop.publish("1.0.0", "app_amd64.deb", notes="The first.")
    shop.publish("1.0.0", "app_aarch64.app.tar.gz")
    latest = shop.latest()
    assert latest["platforms"].keys() == {
        "darwin-aarch64",
        "darwin-aarch64-app",
        "linux-x86_64",
        "linux-x86_64-deb",
    }
    assert latest["notes"] == "The first."


def test_a_published_file_is_never_replaced(shop: Shop) -> None:
    shop.publish("1.0.0")
    before = shop.files()
    with pytest.raises(UpdateError, match="published with another content"):
        shop.publish("1.0.0", data=b"other", force=True)
    assert shop.files() == before


def test_what_is_not_signed_for_this_app_is_refused(shop: Shop, other_pair: Keys) -> None:
    (path,) = shop.build("1.0.0", ["app_amd64.deb"])
    with pytest.raises(UntrustedError, match="another key"):
        publishing.signed(path, other_pair.public)
    path.write_bytes(b"changed")
    with pytest.raises(UntrustedError, match="was changed"):
        publishing.signed(path, shop.pair.public)
    signatures.signature_file(path).unlink()
    with pytest.raises(UpdateError, match="is not signed: run"):
        publishing.signed(path, shop.pair.public)
    with pytest.raises(UpdateError, match="there is no file"):
        publishing.signed(path.with_name("none_amd64.deb"), shop.pair.public)


def test_files_of_two_versions_or_for_one_system_do_not_go_together(shop: Shop) -> None:
    files = shop.build("1.0.0", ["a_amd64.deb", "b_amd64.deb"]) + shop.build("2.0.0", BOTH[1:])
    one, same, other = (publishing.signed(it, shop.pair.public) for it in files)
    for pair, said in (((one, other), "one version at a time"), ((one, same), "are both for")):
        with pytest.raises(UpdateError, match=said):
            publishing.publish(shop.folder, pair, url=URL)
    with pytest.raises(UpdateError, match="nothing to publish"):
        publishing.publish(shop.folder, [], url=URL)
    with pytest.raises(UpdateError, match="by https alone"):
        publishing.publish(shop.folder, [one], url="http://example.com")
    assert not shop.folder.exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that fills: what is longer cannot be written."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [300, 1_000_000])
def test_a_disk_that_fills_leaves_the_folder_as_it_was(shop: Shop, size: int) -> None:
    """The first size fails at the signature of a file, the other one in a large file."""
    shop.publish("1.0.0")
    before = shop.files()
    files = shop.build("1.1.0", BOTH, b"x" * 2_000_000)
    signed = [publishing.signed(it, shop.pair.public) for it in files]
    with files_of_at_most(size), pytest.raises(UpdateError, match="cannot be written"):
        publishing.publish(shop.folder, signed, url=URL)
    assert shop.files() == before
    assert {it.name for it in shop.folder.iterdir()} == {"1.0.0", "latest.json"}


@pytest.mark.parametrize("version", ["1.1.0", "1.0.0"])
def test_a_manifest_that_cannot_be_written_takes_the_files_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    shop.publish("1.0.0")
    before = shop.files()
    really = publishing.write

    def write(path: Path, data: bytes, mode: int | None = None) -> None:
        if path.name == "latest.json":
            raise UpdateError("the disk is full")
        really(path, data, mode)

    monkeypatch.setattr(publishing, "write", write)
    with pytest.raises(UpdateError, match="the disk is full"):
        shop.publish(version, "app_arm64.deb")
    assert shop.files() == before


def test_a_folder_that_cannot_be_written_is_said(shop: Shop) -> None:
    shop.folder.write_text("a file")
    with pytest.raises(UpdateError, match="cannot be"):
        shop.publish("1.0.0")


def test_a_manifest_that_is_none_is_not_replaced(shop: Shop) -> None:
    shop.publish("1.0.0")
    (shop.folder / "latest.json").write_text('{"version": 1}')
    with pytest.raises(UpdateError, match="is no manifest of updates: version"):
        shop.publish("1.1.0")
    assert (shop.folder / "latest.json").read_text() == '{"version": 1}'


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("app_1.0.0_amd64.deb", "linux-x86_64-deb"),
        ("app-1.0.0-x86_64.AppImage", "linux-x86_64-appimage"),
        ("App_1.0.0_x64-setup.exe", "windows-x86_64-nsis"),
        ("App_x64_en-US.msi", "windows-x86_64-msi"),
        ("App_aarch64.app.tar.gz", "darwin-aarch64-app"),
        ("app-armhf.deb", "linux-armv7-deb"),
        ("app-1.0.0-linux-x86_64.tar.xz", "linux-x86_64-tar"),
        ("app_i386.deb", "linux-i686-deb"),
    ],
)
def test_names_say_for_what_a_file_is(name: str, key: str) -> None:
    assert targets.target_of(name).key == key


def test_other_names_are_refused() -> None:
    assert targets.target_of("app.deb", "linux-aarch64").key == "linux-aarch64-deb"
    with pytest.raises(UpdateError, match="which processor"):
        targets.target_of("max64.deb")
    with pytest.raises(UpdateError, match=r"make an \.app\.tar\.gz"):
        targets.target_of("app_arm64.dmg")


CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.1.0] - 2026-01-02

### Added

- A button.

## 1.0.0

- The first.
"""


def test_notes_are_the_part_of_the_changelog(tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(CHANGELOG)
    assert changes.notes_in(changelog, "1.1.0") == "### Added\n\n- A button."
    assert changes.notes_in(changelog, "1.0.0") == "- The first."
    with pytest.raises(UpdateError, match=r"no heading `## \[2\.0\.0\]`"):
        changes.notes_in(changelog, "2.0.0")
    (tmp_path / "notes.txt").write_text("All new.\n")
    assert changes.notes_in(tmp_path / "notes.txt", "2.0.0") == "All new."
