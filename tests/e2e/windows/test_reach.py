"""Tests what a command's `app_handle` reaches, and how long it lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from harness import App, Page, StartApp

from transom.testing.webdriver import wait_for

HTML = """<!doctype html><meta charset=utf-8><title>reach</title><script type="module">
window.heard = [];
const {event, webviewWindow} = window.__TAURI__;
await event.listen("note", ({payload}) => window.heard.push(payload.text));
await webviewWindow.getCurrentWebviewWindow().listen(
  "note", ({payload}) => window.heard.push(`own ${payload.text}`));
window.listens = true;
</script>"""


def capability(name: str, windows: list[str], *entries: dict[str, str], deny: str | None = None):
    permission: dict[str, Any] = {"identifier": "transom:allow-call"}
    permission["allow"] = [{"command": "*"}, *entries]
    if deny:
        permission["deny"] = [{"window": deny}]
    return {
        "identifier": name,
        "windows": windows,
        "permissions": ["core:default", permission],
    }


CAPABILITIES = {
    "main": {
        "identifier": "main",
        "windows": ["main", "twin"],
        "permissions": ["core:default", "transom:default"],
    },
    "editors": capability(
        "editors", ["editor-*"], {"window": "main"}, {"window": "note-*"}, deny="note-secret"
    ),
    "lone": capability("lone", ["lone*"]),
}


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    app = start_shared("reach", html=HTML, capabilities=CAPABILITIES)
    for label in ("editor-1", "lone"):
        assert do(app.page(), "open", label) == label
    for label in ("main", "editor-1", "lone"):
        app.page(label).wait_until("window.listens")
    return app


def do(page: Page, what: str, label: str = "", of: str | None = None) -> Any:
    return page.invoke("do", {"what": what, "label": label, "of": of})


def denied(answer: object, entry: str) -> bool:
    return isinstance(answer, str) and answer.startswith("PermissionError: ") and entry in answer


def heard(app: App, page: Page, what: str, label: str = "") -> dict[str, list[str]]:
    """Which pages hear what `page` emits."""
    return heard_of(app, lambda: do(page, what, label))


def heard_of(app: App, act: Callable[[], Any]) -> dict[str, list[str]]:
    """Which pages hear what `act` emits; each hears a last event of its own to be sure."""
    labels = ("main", "editor-1", "lone")
    for name in labels:
        app.page(name).run("window.heard = []")
    assert act() is None
    result: dict[str, list[str]] = {}
    for name in labels:
        assert do(app.page(name), "ctx.emit") is None
        app.page(name).wait_until("window.heard.includes('own own')")
        found = app.page(name).run("return window.heard")
        result[name] = sorted(text for text in found if text not in {"own", "own own"})
    return result


def test_default_reaches_every_window(app: App) -> None:
    main = app.page()
    assert do(main, "find", "editor-1") == "editor-1"
    assert do(main, "find", "nobody") is None
    assert do(main, "list") == ["editor-1", "lone", "main"]
    assert do(main, "app") is True
    assert do(main, "theme") is None
    assert do(main, "same") is True


def test_default_emits_to_every_window(app: App) -> None:
    everywhere = {"main": ["emit", "own emit"], "editor-1": ["emit", "own emit"]}
    assert heard(app, app.page(), "emit") == everywhere | {"lone": ["emit", "own emit"]}


@pytest.mark.parametrize(
    "way", ["find", "find by window", "find by the window's handle", "find by another window"]
)
def test_entries_grant_just_the_windows_they_name(app: App, way: str) -> None:
    editor = app.page("editor-1")
    assert do(editor, way, "main") == "main"
    assert do(editor, way, "editor-1") == "editor-1"
    assert do(editor, way, "note-9") is None
    assert denied(do(editor, way, "lone"), 'add {"window":"lone"} to the `allow` list')


def test_a_deny_entry_wins(app: App) -> None:
    answer = do(app.page("editor-1"), "find", "note-secret")
    assert denied(answer, 'take {"window":"note-secret"} out of the `deny` list')


def test_without_window_entries_a_command_reaches_its_own_window(app: App) -> None:
    lone = app.page("lone")
    assert do(lone, "find", "lone") == "lone"
    assert do(lone, "title") is not None
    assert denied(do(lone, "find", "main"), '{"window":"main"}')
    assert do(lone, "list") == ["lone"]
    assert do(lone, "same") is True


def test_windows_beyond_reach_are_not_listed(app: App) -> None:
    assert do(app.page("editor-1"), "list") == ["editor-1", "main"]


@pytest.mark.parametrize("way", ["app", "listen any", "theme"])
def test_what_concerns_every_window_needs_every_window(app: App, way: str) -> None:
    assert denied(do(app.page("editor-1"), way), 'add {"window":"*"}')


@pytest.mark.parametrize("way", ["open", "open by class", "open by config"])
def test_a_new_window_must_be_within_reach(app: App, way: str) -> None:
    label = way.replace("open", "note-new").replace(" ", "-")
    editor = app.page("editor-1")
    assert denied(do(editor, way, "lone-2"), '{"window":"lone-2"}')
    assert do(editor, way, label) == label
    assert do(app.page(), "destroy", label) is None
    wait_for(lambda: label not in do(app.page(), "list"), what="its end")


def test_an_event_does_not_go_beyond_reach(app: App) -> None:
    editor, lone = app.page("editor-1"), app.page("lone")
    both = ["emit", "own emit"]
    assert heard(app, editor, "emit") == {"main": both, "editor-1": both, "lone": []}
    assert heard(app, lone, "emit") == {"main": [], "editor-1": [], "lone": both}
    assert heard(app, lone, "emit by window") == {"main": [], "editor-1": [], "lone": both}
    assert heard(app, lone, "emit to any") == {
        "main": [],
        "editor-1": [],
        "lone": ["any", "own any"],
    }
    assert heard(app, lone, "emit filter")["main"] == []


def test_a_target_beyond_reach_is_refused(app: App) -> None:
    lone = app.page("lone")
    for way in ("emit to label", "emit to window"):
        assert denied(do(lone, way, "main"), '{"window":"main"}')
        assert heard(app, lone, way, "lone")["lone"] == ["own to", "to"]


def test_ctx_emit_is_for_the_own_window_alone(app: App) -> None:
    for label in ("main", "lone"):
        others = heard(app, app.page(label), "ctx.emit")
        assert others == {"main": [], "editor-1": [], "lone": []}


def test_events_of_a_worker_are_for_the_window_that_called(app: App) -> None:
    own = ["own worker 0", "own worker 1", "worker 0", "worker 1"]
    for label in ("main", "lone"):
        page = app.page(label)
        for command in ("emit_in_worker", "emit_on_the_loop_of_a_worker"):
            found = heard_of(app, lambda: page.invoke(command, 2))  # noqa: B023 - called at once
            assert found == {"main": [], "editor-1": [], "lone": []} | {label: own}


def test_a_worker_waits_for_a_page_that_does_not_take_its_events(app: App) -> None:
    page = app.page()
    page.run("window.heard = []")
    assert page.invoke("emit_in_worker", 3000) is None
    page.wait_until("window.heard.includes('worker 2999')")
    found = page.run("return window.heard.filter((text) => !text.startsWith('own'))")
    assert found == [f"worker {number}" for number in range(3000)]


def test_calls_of_windows_beyond_reach_are_not_listed_nor_cancelled(app: App) -> None:
    main, lone, editor = app.page(), app.page("lone"), app.page("editor-1")
    for page in (main, lone):
        page.run("window.waiting = transom.pyInvoke('wait').catch((e) => e.code)")
    wait_for(lambda: "lone" in do(main, "calls"), what="the call of `lone`")
    assert do(lone, "calls") == ["lone"]
    assert do(editor, "calls") == ["editor-1", "main"]
    assert denied(do(lone, "cancel", "main"), '{"window":"main"}')
    assert do(editor, "cancel", "main") == [True]
    assert main.run("return await window.waiting") == "aborted"
    assert do(lone, "cancel", "lone") == [True]
    assert lone.run("return await window.waiting") == "aborted"


def test_a_handle_ends_with_its_window(app: App) -> None:
    main = app.page()
    assert do(main, "open", "twin") == "twin"
    twin = app.page("twin")
    twin.invoke("keep")
    assert do(main, "listen", of="twin") > 0
    assert do(main, "config", of="twin") == "dev.transom.e2e"
    assert do(main, "same", of="twin") is True
    do(main, "emit")
    wait_for(lambda: main.invoke("heard_by_python") == ["emit"], what="the listener")
    do(main, "destroy", "twin")
    app.wait_gone("twin")
    closed = "WindowClosed: "
    wait_for(lambda: str(do(main, "config", of="twin")).startswith(closed), what="the end")
    ways = ["find", "list", "open", "app", "emit", "emit to any", "emit filter", "listen", "theme"]
    for way in [*ways, "calls", "exit", "run", "monitors", "manage", "ctx.emit", "title"]:
        answer = do(main, way, "main", of="twin")
        assert isinstance(answer, str), way
        assert answer.startswith(closed), way
    do(main, "emit")
    assert do(main, "open", "twin") == "twin"
    assert str(do(main, "config", of="twin")).startswith(closed)
    assert do(app.page("twin"), "config") == "dev.transom.e2e"
    assert main.invoke("heard_by_python") == ["emit"]
