"""Tests which files the page may load: only those inside `frontendDist`, whatever the address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from harness import App, StartApp

SECRET = "the secret outside"


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    files = {
        "secret.txt": SECRET,
        "frontend-private/secret.txt": SECRET,
        "frontend/index.html": "<!doctype html><title>index</title><p>the index</p>",
        "frontend/plain.txt": "plain text",
        "frontend/sub/über.txt": "umlaut",
        "frontend/about.html": "<p>about</p>",
        "frontend/guide/index.html": "<p>guide</p>",
        "frontend/Mod.JS": "export const answer = 42;",
        "frontend/Mod.Mjs": "export const answer = 42;",
        "frontend/Style.CSS": "p { color: rgb(1, 2, 3) }",
        "frontend/Data.Json": "{}",
        "frontend/sub.dir/Picture.SVG": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "frontend/style.css": "p { color: rgb(1, 2, 3) }",
    }
    app = start_shared("tiny", files=files)
    app.page()
    (app.folder / "frontend" / "link.txt").symlink_to(app.folder / "secret.txt")
    (app.folder / "frontend" / "folder").symlink_to(app.folder / "frontend-private")
    (app.folder / "frontend" / "inside.txt").symlink_to(app.folder / "frontend" / "plain.txt")
    return app


def load(app: App, path: str) -> tuple[str, str]:
    source = """
    const answer = await fetch(args[0]).catch((e) => new Response(`refused: ${e}`));
    return [await answer.text(), answer.headers.get("content-type") ?? ""];
    """
    text, kind = app.page().run(source, path)
    return text, kind


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/plain.txt", "plain text"),
        ("/sub/%C3%BCber.txt", "umlaut"),
        ("/plain.txt?query=1#part", "plain text"),
        ("/about", "<p>about</p>"),
        ("/guide", "<p>guide</p>"),
        ("/inside.txt", "plain text"),
    ],
)
def test_files_inside_are_served(app: App, path: str, text: str) -> None:
    assert load(app, path)[0].strip() == text


def test_types_follow_the_names(app: App) -> None:
    assert load(app, "/style.css")[1].startswith("text/css")
    assert load(app, "/about.html")[1].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Mod.JS", "text/javascript"),
        ("/Mod.JS?query=1.txt", "text/javascript"),
        ("/Mod.Mjs", "text/javascript"),
        ("/Style.CSS", "text/css"),
        ("/Data.Json", "application/json"),
        ("/sub.dir/Picture.SVG", "image/svg+xml"),
    ],
)
def test_types_follow_the_names_in_capitals_too(app: App, path: str, kind: str) -> None:
    assert load(app, path)[1].startswith(kind)


def test_a_module_with_a_name_in_capitals_is_imported(app: App) -> None:
    assert app.page().run("return (await import('/Mod.JS')).answer") == 42


def test_an_unknown_path_falls_back_to_the_index(app: App) -> None:
    assert "the index" in load(app, "/no/such/page")[0]


def test_a_change_on_disk_shows_at_the_next_request(app: App) -> None:
    file = app.folder / "frontend" / "changing.txt"
    for text in ("one", "two"):
        file.write_text(text)
        assert load(app, "/changing.txt")[0] == text


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%252e%252e%252fsecret.txt",
        "/..%5csecret.txt",
        "/..%5c..%2fsecret.txt",
        "/sub/..%2f..%2fsecret.txt",
        "/..%2ffrontend-private/secret.txt",
        "/..%2fapp.py",
        "/plain.txt%00/..%2f..%2fsecret.txt",
        "/link.txt",
        "/folder/secret.txt",
        "/%2f%2f{outside}",
        "/{outside}",
        "//{outside}",
        "/%2fetc%2fpasswd",
        "/c:%5csecret.txt",
    ],
)
def test_files_outside_are_never_served(app: App, path: str) -> None:
    outside = str(Path(app.folder / "secret.txt")).replace("/", "%2f")
    text, _ = load(app, path.replace("{outside}", outside))
    for stranger in (SECRET, "import transom", "root:x:0"):
        assert stranger not in text


@pytest.fixture
def dev_server(tmp_path: Path) -> Iterator[str]:
    """The address of a small server with one page, as a bundler's would be."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><title>dev</title>from the dev server")
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.mark.parametrize("way", ["frontendDist", "devUrl"])
def test_a_dev_server_is_the_frontend_and_its_page_may_call(
    start_app: StartApp, dev_server: str, way: str
) -> None:
    app = start_app(
        "commands",
        config={"build": {"frontendDist": None} | {way: dev_server}},
        env={"TRANSOM_DEV": "1"} if way == "devUrl" else None,
    )
    page = app.page()
    assert page.run("return document.body.textContent") == "from the dev server"
    assert page.run("return location.origin") == dev_server
    assert page.invoke("anything", 7) == 7


OWN = """
import sys, threading
from pathlib import Path
from transom import Assets, Commands, builder_factory, context_factory
from anyio.from_thread import start_blocking_portal

commands = Commands()
PAGE = b"<!doctype html><title>own</title><script>window.inline = true</script><p>own index</p>"
seen = []
let_go = threading.Event()


class Own(Assets):
    def setup(self, app_handle):
        seen.append(threading.current_thread() is threading.main_thread())

    def get(self, key):
        seen.append(threading.current_thread() is threading.main_thread())
        if key == "/slow.txt":
            let_go.wait(600)
        if key == "/raises.txt":
            sys.exit("no such thing")
        if key == "/wrong.txt":
            return "text"
        return {"/index.html": PAGE, "/slow.txt": b"slow", "/about.html": b"<p>about"}.get(key)


@commands.command()
async def go_on() -> None:
    let_go.set()


@commands.command()
async def mains() -> list[bool]:
    return seen


if __name__ == "__main__":
    context = context_factory(Path(__file__).parent)
    context.set_assets(Own())
    with start_blocking_portal() as portal:
        handler = commands.generate_handler(portal)
        code = builder_factory().build(context, invoke_handler=handler).run_return()
    sys.exit(code)
"""


def test_assets_of_ones_own(start_app: StartApp) -> None:
    policy = {"app": {"security": {"csp": "default-src 'self'; connect-src * ipc:"}}}
    app = start_app(OWN, config=policy)
    page = app.page()
    page.wait_until("document.querySelector('p')?.textContent === 'own index'")
    assert page.run("return window.inline") is True
    assert "about" in load(app, "/about")[0]
    assert "own index" in load(app, "/raises.txt")[0]
    assert "own index" in load(app, "/wrong.txt")[0]
    # The UI, and other requests, go on while one takes its time.
    slow = page.run(
        "const slow = fetch('/slow.txt').then((a) => a.text());"
        "await (await fetch('/about')).text(); await transom.pyInvoke('mains');"
        "await transom.pyInvoke('go_on'); return await slow"
    )
    assert slow == "slow"
    setup, *others = page.invoke("mains")
    assert setup is True
    assert not any(others)
    app.wait_output("no such thing")
    app.wait_output("an asset is `bytes`, got str")
