"""Tests `convertFileSrc`: pages load files of the disk, of the configuration's scope alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import App, StartApp

LOAD = """
const url = window.__TAURI_INTERNALS__.convertFileSrc(args[0]);
const answer = await fetch(url).catch((error) => new Response(`${error}`, { status: 499 }));
return [answer.status, await answer.text()];
"""
SHOW = """
const image = new Image();
image.src = window.__TAURI_INTERNALS__.convertFileSrc(args[0]);
return await image.decode().then(() => image.naturalWidth, () => 0);
"""
SQUARE = "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose `pictures` the app may load."""
    folder = tmp_path_factory.mktemp("disk")
    for name in ("pictures/größe 1.svg", "pictures/deep/2.svg", "pictures/secret/3.svg", "4.svg"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(SQUARE)
    (folder / "pictures" / "link.svg").symlink_to(folder / "4.svg")
    return folder


@pytest.fixture(scope="module")
def app(start_shared: StartApp, folder: Path) -> App:
    pictures = folder / "pictures"
    security = {
        "csp": "default-src 'self' ipc:; img-src 'self' asset:; connect-src ipc: asset:",
        "assetProtocol": {
            "enable": True,
            "scope": {"allow": [f"{pictures}/**"], "deny": [f"{pictures}/secret/**"]},
        },
    }
    return start_shared("tiny", config={"app": {"security": security}})


@pytest.mark.parametrize("name", ["pictures/größe 1.svg", "pictures/deep/2.svg"])
def test_files_in_the_scope_are_loaded(app: App, folder: Path, name: str) -> None:
    path = str(folder / name)
    assert app.page().run(LOAD, path) == [200, SQUARE]
    assert app.page().run(SHOW, path) == 7


@pytest.mark.parametrize(
    "name",
    ["pictures/secret/3.svg", "4.svg", "pictures/../4.svg", "pictures/link.svg", "pictures/none"],
)
def test_others_are_not(app: App, folder: Path, name: str) -> None:
    path = f"{folder}/{name}"
    status, text = app.page().run(LOAD, path)
    assert status >= 400
    assert SQUARE not in text
    assert app.page().run(SHOW, path) == 0


RESOURCES = """
import sys
from pathlib import Path
from transom import Commands, run
from transom.plugins import fs

sys.exit(run(Commands(), Path(__file__).parent, plugins=[fs.init()]))
"""


def test_the_folder_of_the_app_is_what_scopes_call_resources(start_app: StartApp) -> None:
    scope = {"enable": True, "scope": ["$RESOURCE/pictures/*"]}
    inside = [{"path": "$RESOURCE/texts/*"}]
    capability = {
        "identifier": "main",
        "windows": ["main"],
        "permissions": [
            "core:default",
            "transom:default",
            {"identifier": "fs:allow-read-text-file", "allow": inside},
        ],
    }
    app = start_app(
        RESOURCES,
        config={"app": {"security": {"assetProtocol": scope}}},
        capabilities={"main": capability},
        files={"pictures/1.svg": SQUARE, "texts/1.txt": "text", "2.txt": "other"},
    )
    page = app.page("main")
    folder = page.run("return await __TAURI__.path.resourceDir()")
    assert page.run(LOAD, f"{folder}/pictures/1.svg") == [200, SQUARE]
    assert page.run(LOAD, f"{folder}/2.txt")[0] >= 400
    read = """
    const file = await __TAURI__.path.resolveResource(args[0]);
    return await __TAURI__.fs.readTextFile(file).catch((error) => `${error}`);
    """
    assert page.run(read, "texts/1.txt") == "text"
    assert "forbidden path" in page.run(read, "2.txt")
