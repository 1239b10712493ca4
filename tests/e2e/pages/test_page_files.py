"""Tests which of its app's files a page finds, reads and writes, and which it does not reach."""

from __future__ import annotations

import pytest
from harness import App, Page, PageError, StartApp

INSIDE = [{"path": "$RESOURCE/notes/*"}]
SECRET = [{"path": "$RESOURCE/notes/secret*"}]
MAIN = {
    "identifier": "main",
    "windows": ["main"],
    "permissions": [
        "core:default",
        "transom:default",
        {"identifier": "fs:allow-copy-file", "allow": INSIDE, "deny": SECRET},
        {"identifier": "fs:allow-exists", "allow": INSIDE},
        {"identifier": "fs:allow-read-text-file", "allow": INSIDE, "deny": SECRET},
        {"identifier": "fs:allow-write-text-file", "allow": INSIDE, "deny": SECRET},
    ],
}
OTHER = {"identifier": "other", "windows": ["other"], "permissions": ["transom:default"]}


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    windows = [{"label": label, "url": "index.html"} for label in ("main", "other")]
    config = {
        "app": {"windows": windows},
        "plugins": {"updater": {"pubkey": "none", "endpoints": []}},
    }
    return start_shared("plugins", config=config, capabilities={"main": MAIN, "other": OTHER})


@pytest.fixture
def page(app: App) -> Page:
    return app.page("main")


def rejected(page: Page, statements: str) -> str:
    with pytest.raises(PageError) as caught:
        page.run(statements)
    return caught.value.message


def test_a_page_finds_the_files_of_the_app(app: App, page: Page) -> None:
    found = page.run(
        """
        const {path} = window.__TAURI__;
        return [
          await path.resourceDir(),
          await path.resolveResource("pages/../a b.txt"),
          await path.join(await path.resourceDir(), "..", "x"),
          await path.resolve("/a", "b/../c"),
          await path.basename("/a/b.tar.gz", ".gz"),
          await path.appDataDir(),
          path.sep(),
        ];
        """
    )
    folder = app.folder
    data = str(folder.parent / "data" / "dev.transom.e2e")
    assert found == [
        str(folder),
        str(folder / "a b.txt"),
        str(folder.parent / "x"),
        "/a/c",
        "b.tar",
        data,
        "/",
    ]


IN_APP = "const {fs} = window.__TAURI__; const base = {baseDir: 11};"


def test_a_page_reads_and_writes_files_of_the_app(app: App, page: Page) -> None:
    notes = app.folder / "notes"
    notes.mkdir()
    notes.joinpath("here.txt").write_text("hello")
    name = "ü %41#?.txt"
    found = page.run(
        IN_APP
        + """
        const both = {fromPathBaseDir: 11, toPathBaseDir: 11};
        await fs.writeTextFile("notes/" + args[0], "text", base);
        await fs.writeTextFile("notes/" + args[0], "s", {...base, append: true});
        await fs.copyFile("notes/" + args[0], "notes/copy.txt", both);
        return [
          await fs.readTextFile("notes/here.txt", base),
          await fs.readTextFile("notes/" + args[0], base),
          await fs.exists("notes/copy.txt", base),
          await fs.exists("notes/none.txt", base),
          await fs.readTextFile(await window.__TAURI__.path.resolveResource("notes/here.txt")),
        ];
        """,
        name,
    )
    assert found == ["hello", "texts", True, False, "hello"]
    assert notes.joinpath(name).read_text() == "texts"
    assert notes.joinpath("copy.txt").read_text() == "texts"


def test_a_page_reaches_no_file_of_the_app_beyond_its_scope(app: App, page: Page) -> None:
    notes = app.folder / "notes"
    notes.mkdir(exist_ok=True)
    notes.joinpath("secret.txt").write_text("mine")
    notes.joinpath("link.txt").symlink_to(app.folder / "tauri.conf.json")
    for call, where in [
        ('fs.readTextFile("tauri.conf.json", base)', "tauri.conf.json"),
        ('fs.readTextFile("notes/link.txt", base)', "notes/link.txt"),
        ('fs.readTextFile("notes/secret.txt", base)', "notes/secret.txt"),
        ('fs.writeTextFile("notes/secret2.txt", "", base)', "notes/secret2.txt"),
        ('fs.writeTextFile("new.txt", "", base)', "new.txt"),
        (
            'fs.copyFile("notes/here.txt", "x", {fromPathBaseDir: 11, toPathBaseDir: 11})',
            "x",
        ),
    ]:
        assert f"forbidden path: {app.folder / where}" in rejected(page, f"{IN_APP} await {call}")
    assert "traverse" in rejected(page, IN_APP + 'await fs.readTextFile("notes/../a", base)')
    assert "not allowed" in rejected(page, IN_APP + 'await fs.remove("notes/here.txt", base)')
    other = app.page("other")
    reads = 'await fs.readTextFile("notes/here.txt", base)'
    assert "not allowed" in rejected(other, IN_APP + reads)
    assert not app.folder.joinpath("new.txt").exists()
    assert not app.folder.joinpath("x").exists()
