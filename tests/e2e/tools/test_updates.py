"""Tests updates in real windows, from a server over TLS: by Tauri's plugin and by Python."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import App, Page, StartApp, environment, write_app
from update_keys import Keys, Release
from update_server import SLOW, Served, serving

from transom._updates import signatures, targets
from transom.testing.webdriver import wait_for

SYSTEM = "-".join(targets.here())
NAME = f"app_{targets.here()[1]}.AppImage"
PERMISSIONS = ["core:default", "transom:default", "updater:default"]
CAPABILITY = {"identifier": "main", "windows": ["*"], "permissions": PERMISSIONS}


@pytest.fixture(scope="module")
def pair() -> Keys:
    return Keys.made()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    room = tmp_path_factory.mktemp("server")
    with serving(room / "site", room / "tls") as server:
        yield server


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, pair: Keys, served: Served) -> Release:
    return Release(tmp_path_factory.mktemp("built"), pair, served)


@pytest.fixture(scope="module")
def options(pair: Keys, served: Served) -> dict[str, Any]:
    # The plugin trusts the authorities that are built into it, so it asks without TLS here. Python
    # passes that endpoint over.
    updater = {
        "pubkey": pair.public,
        "endpoints": [f"{served.plain}/plain.json", f"{served.url}/latest.json"],
        "dangerousInsecureTransportProtocol": True,
    }
    return {"config": {"plugins": {"updater": updater}}, "capabilities": {"main": CAPABILITY}}


@pytest.fixture(scope="module")
def app(start_shared: StartApp, served: Served, options: dict[str, Any]) -> App:
    return start_shared("updating", env={"SSL_CERT_FILE": str(served.authority)}, **options)


@pytest.fixture(scope="module")
def page(app: App) -> Page:
    return app.page()


def change(served: Served, **changed: str) -> None:
    """Changes what the server says, as somebody would who has taken it over."""
    file = served.folder / "latest.json"
    manifest = json.loads(file.read_text())
    manifest.update({name: it for name, it in changed.items() if name == "version"})
    for platform in manifest["platforms"].values():
        platform.update({name: it for name, it in changed.items() if name != "version"})
    file.write_text(json.dumps(manifest))


def by_plugin(page: Page, served: Served) -> dict[str, Any]:
    """What the page's own updater makes of the server."""
    manifest = (served.folder / "latest.json").read_text().replace(served.url, served.plain)
    (served.folder / "plain.json").write_text(manifest)
    return page.run(
        """
        const {invoke, Channel} = window.__TAURI__.core;
        const events = [];
        const onEvent = new Channel();
        onEvent.onmessage = (it) => events.push(it);
        const update = await invoke("plugin:updater|check");
        if (update === null) return null;
        try {
          await invoke("plugin:updater|download", {rid: update.rid, onEvent});
        } catch (error) {
          return {version: update.version, refused: String(error)};
        }
        const bytes = events.filter((it) => it.event === "Progress")
          .reduce((sum, it) => sum + it.data.chunkLength, 0);
        return {version: update.version, notes: update.body, bytes, last: events.at(-1).event};
        """
    )


def by_python(page: Page) -> Any:
    return page.run(
        """
        const told = [];
        try {
          const onProgress = (it) => told.push(it);
          const size = await transom.pyInvoke("take", undefined, {onProgress});
          return {size, done: told.at(-1).done, total: told.at(-1).total};
        } catch (error) {
          return error.message;
        }
        """
    )


def test_a_newer_version_is_found_and_verified_and_forgeries_are_refused(
    page: Page, served: Served, release: Release, pair: Keys, app: App
) -> None:
    data = b"x" * 300_000
    release("1.1.0", data, NAME, notes="A button.")
    assert page.invoke("look") == "1.1.0"
    size = len(data)
    assert by_plugin(page, served) == {
        "version": "1.1.0",
        "notes": "A button.",
        "bytes": size,
        "last": "Finished",
    }
    assert by_python(page) == {"size": size, "done": size, "total": size}

    # An old file under a new version.
    change(served, version="1.2.0")
    old = "signed as version 1.1.0, not as 1.2.0"
    assert old in by_plugin(page, served)["refused"]
    assert old in by_python(page)
    change(served, version="1.1.0")

    # A signature without a version.
    signature = pair.secret.sign(data, trusted_comment="timestamp:1")
    signed = (served.folder / "latest.json").read_text()
    change(served, signature=base64.b64encode(bytes(signature)).decode())
    assert "names no version" in by_plugin(page, served)["refused"]
    (served.folder / "latest.json").write_text(signed)

    # A changed byte.
    file = served.folder / "1.1.0" / NAME
    file.write_bytes(data[:-1] + b"y")
    assert "was changed" in by_python(page)
    assert "signature" in by_plugin(page, served)["refused"]
    file.write_bytes(data)

    # Another key.
    other = file.with_name("other")
    other.write_bytes(data)
    signatures.sign(other, "1.1.0", Keys.made().secret)
    change(served, signature=signatures.signature_file(other).read_text())
    assert "another key" in by_python(page)
    assert "key" in by_plugin(page, served)["refused"]

    # Plain http.
    change(served, url=f"http://localhost/{NAME}")
    assert "by https alone" in by_python(page)
    folders = list(app.folder.glob("downloads-*"))
    assert len(folders) == 5
    assert sum(any(it.iterdir()) for it in folders) == 1, "a file was kept that was refused"


def test_a_page_that_cancels_leaves_no_file(
    page: Page, served: Served, release: Release, app: App
) -> None:
    release("1.3.0", b"x" * 1_000_000 + SLOW, NAME)
    before = set(app.folder.glob("downloads-*"))
    page.run(
        """
        const abort = new AbortController();
        await transom.pyInvoke("take", undefined, {
          signal: abort.signal, onProgress: () => abort.abort(),
        }).catch((error) => { if (error.name !== "AbortError") throw error; });
        """
    )
    assert served.halved.is_set()
    served.go_on.set()
    (folder,) = set(app.folder.glob("downloads-*")) - before
    wait_for(lambda: not any(folder.iterdir()), what="the end of the download")


IMAGE = """\
#!/bin/sh
APPIMAGE={image} APPDIR={prefix} VERSION={version} exec {python} {script}
"""


def test_an_app_image_updates_itself_and_comes_back_if_the_new_one_fails(
    served: Served, release: Release, options: dict[str, Any], tmp_path: Path
) -> None:
    script = write_app(tmp_path / "app", "updating", **options)
    image = tmp_path / "apps" / "App.AppImage"
    image.parent.mkdir()

    def text(version: str) -> str:
        return IMAGE.format(
            image=image, prefix=sys.prefix, version=version, python=sys.executable, script=script
        )

    image.write_text(text("1.0.0"))
    image.chmod(0o755)
    release("2.0.0", text("2.0.0").encode(), NAME)
    env = environment(tmp_path, {"SSL_CERT_FILE": str(served.authority)})
    seen = script.parent / "seen"

    def notes() -> list[dict[str, Any]]:
        return [json.loads(it) for it in seen.read_text().splitlines()] if seen.exists() else []

    with (tmp_path / "output.log").open("w") as log:
        ended = subprocess.run(
            [str(image)],
            check=False,
            timeout=300,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
        )
    assert ended.returncode == 0, (tmp_path / "output.log").read_text()
    wait_for(lambda: len(notes()) == 2, 120, "the new version")
    assert image.read_text() == text("2.0.0")

    release("3.0.0", b"#!/bin/sh\nexit 3\n", NAME)
    wait_for(lambda: len(notes()) == 3, 120, "the version before the broken one")
    assert image.read_text() == text("2.0.0")
    assert [it.name for it in image.parent.iterdir()] == [image.name]

    seen_of = [(it["version"], it["kept"], it["discarded"], it["reverted"]) for it in notes()]
    assert seen_of == [
        ("1.0.0", False, False, False),
        ("2.0.0", True, True, False),
        ("2.0.0", False, False, True),
    ]
