"""Tests what an app asks of a server over TLS, and what it refuses."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from update_keys import Keys, Release
from update_server import SHORT, SLOW, Served

from transom import updates
from transom._updates import targets
from transom.updates import UntrustedError, Update, UpdateError

pytestmark = pytest.mark.anyio
SYSTEM = "-".join(targets.here())


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


class App:
    """What has a configuration."""

    def __init__(self, version: str | None, updater: dict[str, Any]) -> None:
        self._config = {"version": version, "plugins": {"updater": updater}}

    def config(self) -> dict[str, Any]:
        return self._config


Check = Callable[..., Any]


@pytest.fixture
def check(pair: Keys, served: Served) -> Check:
    async def check(version: str = "1.0.0", **options: Any) -> Update | None:
        updater = {"pubkey": pair.public, "endpoints": [f"{served.url}/latest.json"]}
        app = App(version, {**updater, **options.pop("updater", {})})
        return await updates.check(app, **{"context": served.context, **options})

    return check


def name(kind: str = "AppImage") -> str:
    return f"app_{SYSTEM.partition('-')[2]}.{kind}"


def change(served: Served, changed: Callable[[dict[str, Any]], object]) -> None:
    file = served.folder / "latest.json"
    found = json.loads(file.read_text())
    changed(found)
    file.write_text(json.dumps(found))


async def test_a_newer_version_is_found_downloaded_and_verified(
    release: Release, check: Check, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 2000
    release("1.1.0", data, name(), notes="A button.")
    update = await check()
    assert (update.version, update.current_version) == ("1.1.0", "1.0.0")
    assert (update.notes, update.date.tzinfo is not None) == ("A button.", True)
    told = list[tuple[int, int | None]]()
    file = await update.download(tmp_path, on_progress=lambda *it: told.append(it))
    assert file.read_bytes() == data
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == (len(data), len(data))
    update.verify(file)
    elsewhere = await update.download()
    assert elsewhere.read_bytes() == data
    elsewhere.unlink()
    elsewhere.parent.rmdir()


@pytest.mark.parametrize("version", ["1.1.0", "1.1.1", "2.0.0-beta"])
async def test_no_newer_version_is_none(release: Release, check: Check, version: str) -> None:
    release("1.1.0", b"x", name())
    assert await check(version) is None


@pytest.fixture
def to(tmp_path: Path) -> Path:
    folder = tmp_path / "to"
    folder.mkdir()
    return folder


def files(folder: Path) -> list[str]:
    return [it.name for it in folder.iterdir()]


async def refused(update: Update, to: Path, match: str) -> None:
    with pytest.raises(UntrustedError, match=match):
        await update.download(to)
    assert files(to) == []


async def test_a_changed_byte_is_refused(
    release: Release, check: Check, served: Served, to: Path
) -> None:
    release("1.1.0", b"x" * 100_000, name())
    (served.folder / "1.1.0" / name()).write_bytes(b"x" * 99_999 + b"y")
    await refused(await check(), to, "was changed")


async def test_another_key_is_refused(
    release: Release, check: Check, other_pair: Keys, to: Path
) -> None:
    release("1.1.0", b"x", name())
    await refused(await check(public_key=other_pair.public), to, "another key")


async def test_an_old_file_under_a_new_version_is_refused(
    release: Release, check: Check, served: Served, to: Path
) -> None:
    release("1.1.0", b"x", name())
    change(served, lambda it: it.update(version="1.2.0"))
    update = await check()
    assert update.version == "1.2.0"
    await refused(update, to, r"signed as version 1\.1\.0, not as 1\.2\.0")


async def test_plain_http_is_refused(
    release: Release, check: Check, served: Served, tmp_path: Path
) -> None:
    release("1.1.0", b"x", name())
    plain = served.plain
    with pytest.raises(UpdateError, match="by https alone"):
        await check(endpoints=[f"{plain}/latest.json"])
    asked = f"/1.1.0/{name()}"
    served.redirects[asked] = f"{plain}{asked}"
    with pytest.raises(UpdateError, match="by https alone"):
        await (await check()).download(tmp_path)
    for platform in (SYSTEM, f"{SYSTEM}-appimage"):
        change(served, lambda it, at=platform: it["platforms"][at].update(url=plain))
    with pytest.raises(UpdateError, match="by https alone"):
        await (await check()).download(tmp_path)


async def test_a_server_that_nobody_vouches_for_is_refused(release: Release, check: Check) -> None:
    release("1.1.0", b"x", name())
    with pytest.raises(UpdateError, match="certificate verify failed"):
        await check(context=None)


async def test_the_authority_may_be_named_by_the_environment(
    release: Release, check: Check, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    release("1.1.0", b"x", name())
    monkeypatch.setenv("SSL_CERT_FILE", str(served.authority))
    assert (await check(context=None)).version == "1.1.0"


async def test_redirects_by_https_are_followed(
    release: Release, check: Check, served: Served
) -> None:
    release("1.1.0", b"x", name())
    served.redirects["/old.json"] = f"{served.url}/latest.json"
    assert (await check(endpoints=[f"{served.url}/old.json"])).version == "1.1.0"


async def test_a_cancel_leaves_nothing(
    release: Release, check: Check, served: Served, to: Path
) -> None:
    release("1.1.0", b"x" * 1_000_000 + SLOW, name())
    update = await check()
    async with anyio.create_task_group() as group:
        begun = anyio.Event()

        async def download() -> None:
            await update.download(to, on_progress=lambda *_: begun.set())

        group.start_soon(download)
        with anyio.fail_after(120):
            await begun.wait()
        # The server is silent, and the cancel does not wait for it.
        group.cancel_scope.cancel()
    served.go_on.set()
    with anyio.fail_after(120):
        while files(to):  # noqa: ASYNC110 - nothing announces it
            await anyio.sleep(0.01)


async def test_what_a_callback_raises_ends_the_download(
    release: Release, check: Check, tmp_path: Path
) -> None:
    release("1.1.0", b"x", name())

    def fail(done: int, total: int | None) -> None:
        raise LookupError(done, total)

    with pytest.raises(LookupError):
        await (await check()).download(tmp_path, on_progress=fail)
    assert not (tmp_path / name()).exists()


async def test_a_folder_that_is_missing_is_said(
    release: Release, check: Check, tmp_path: Path
) -> None:
    release("1.1.0", b"x", name())
    with pytest.raises(UpdateError, match="cannot be written"):
        await (await check()).download(tmp_path / "none")


async def test_the_endpoints_are_asked_in_turn(
    release: Release, check: Check, served: Served
) -> None:
    release("1.1.0", b"x", name())
    (served.folder / "broken.json").write_text("{}")
    last = f"{served.url}/{{{{target}}}}/{{{{arch}}}}/{{{{current_version}}}}.json"
    system, processor = targets.here()
    served.redirects[f"/{system}/{processor}/1.0.0.json"] = f"{served.url}/latest.json"
    endpoints = [f"{served.url}/none.json", f"{served.url}/broken.json", last]
    assert (await check(endpoints=endpoints)).version == "1.1.0"
    assert served.asked[:2] == ["/none.json", "/broken.json"]
    with pytest.raises(UpdateError, match="404"):
        await check(endpoints=endpoints[:1])
    with pytest.raises(UpdateError, match="is no manifest"):
        await check(endpoints=endpoints[1:2])


async def test_what_is_missing_is_said(release: Release, check: Check, served: Served) -> None:
    release("1.1.0", b"x", name())
    for updater, said in (
        ({"endpoints": []}, "endpoints"),
        ({"pubkey": ""}, "pubkey"),
        ({"endpoints": "https://x"}, "must be texts"),
        ({"pubkey": 1}, "must be a text"),
    ):
        with pytest.raises(UpdateError, match=said):
            await check(updater=updater)
    with pytest.raises(UpdateError, match="set `version`"):
        await check("")
    change(served, lambda it: it.update(platforms={}))
    with pytest.raises(UpdateError, match=f"is not published for {SYSTEM}"):
        await check()


async def test_a_file_that_ends_too_early_is_refused(
    release: Release, check: Check, to: Path
) -> None:
    release("1.1.0", b"x" * 300_000 + SHORT, name())
    update = await check()
    with pytest.raises(UpdateError, match=r"ended after|connection broke|answer is broken"):
        await update.download(to)
    assert files(to) == []


async def test_a_disk_that_fills_leaves_nothing(release: Release, check: Check, to: Path) -> None:
    resource = pytest.importorskip("resource")
    release("1.1.0", b"x" * 300_000, name())
    update = await check()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(UpdateError, match="cannot be written"):
            await update.download(to)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(to) == []


HOSTILE = (
    "https://[",
    "https://",
    "https://localhost:port/x",
    "https://a..b/x",
    "https://localhost/\n",
    "file:///etc/passwd",
    "",
)


async def test_addresses_that_are_none_are_refused(
    release: Release, check: Check, served: Served, to: Path
) -> None:
    release("1.1.0", b"x", name())
    for url in HOSTILE:
        for key in (SYSTEM, f"{SYSTEM}-appimage"):
            change(served, lambda it, at=key, new=url: it["platforms"][at].update(url=new))
        with pytest.raises(UpdateError):
            await (await check()).download(to)
    assert files(to) == []


@pytest.mark.parametrize("last", ["..", "%2e%2e", "a%00b", "%0a", ""])
async def test_a_name_that_is_none_is_not_used(check: Check, release: Release, last: str) -> None:
    release("1.1.0", b"x", name())
    update = dataclasses.replace(await check(), url=f"https://localhost/1.1.0/{last}")
    assert update.file_name == ("1.1.0" if last == "" else "update")
