"""Tests windows: made at run time, inspected, closed, and refused by permissions."""

from __future__ import annotations

import pytest
from harness import App, PageError, RunApp, StartApp

from transom.testing.webdriver import wait_for


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("windows")


@pytest.mark.parametrize("command", ["open_window", "open_from_thread"])
def test_a_command_opens_a_window_that_can_call(app: App, command: str) -> None:
    label = command.replace("_", "-")
    app.page().invoke(command, label)
    page = app.page(label)
    assert page.invoke("tick", 5) == 5
    assert page.invoke("find", label) == label
    assert label in page.invoke("labels")
    app.page().invoke("close_label", label)
    app.wait_gone(label)


def test_windows_opened_at_once_all_come(app: App) -> None:
    main = app.page()
    labels = [f"many-{i}" for i in range(5)]
    main.run("await Promise.all(args[0].map((l) => transom.pyInvoke('open_window', l)))", labels)
    assert [app.page(label).invoke("tick", 1) for label in labels] == [1] * 5
    for label in labels:
        assert main.invoke("destroy_label", label)
        app.wait_gone(label)
    wait_for(lambda: main.invoke("labels") == ["main"], what="no other label")


def test_a_label_cannot_be_taken_twice(app: App) -> None:
    error = app.page().failure("open_window", "main")
    assert error.code == "command-error"
    assert "already exists" in error.message


def test_a_label_may_be_used_again_after_its_window_has_gone(app: App) -> None:
    main = app.page()
    for turn in range(3):
        main.invoke("open_window", "again")
        assert app.page("again").invoke("tick", turn) == turn
        main.invoke("destroy_label", "again")
        app.wait_gone("again")
        wait_for(lambda: "again" not in main.invoke("labels"), what="the end of its label")


@pytest.mark.parametrize("again", [False, True], ids=["gone", "its-label-is-anothers"])
def test_every_method_of_a_window_that_is_gone_says_so(app: App, again: bool) -> None:
    main = app.page()
    outcomes = main.invoke("ask_the_gone", again)
    ends = ("close", "destroy", "blocking_closed", "closed")
    labels = ("label", "page.label", "frame.label")
    # There is nothing to end any more.
    ended = [*ends, *(f"frame.{name}" for name in ends)]
    kept = {name: outcomes.pop(name) for name in (*labels, *ended)}
    assert kept == dict.fromkeys(labels, "'gone'") | dict.fromkeys(ended, "None")
    assert {name: it for name, it in outcomes.items() if it != "WindowClosed"} == {}
    some = {"set_title", "eval", "is_visible", "on_window_event", "listen", "call", "evaluate"}
    assert some | {"page.call", "page.reload", "frame.title", "frame.menu"} <= outcomes.keys()
    if again:
        page = app.page("gone")
        assert page.invoke("tick", 1) == 1
        main.invoke("destroy_label", "gone")
        app.wait_gone("gone")


def test_a_window_that_is_not_there_is_none(app: App) -> None:
    assert app.page().invoke("find", "nobody") is None


def test_title_and_visibility(app: App) -> None:
    assert app.page().invoke("change") == [True, True, True]


def test_a_window_may_close_itself(app: App) -> None:
    app.page().invoke("open_window", "short")
    close = "window.__TAURI__.transom.pyInvoke('close_me').catch(() => {})"
    app.page("short").run_last(close)
    app.wait_gone("short")


def test_an_async_handler_may_prevent_the_close(app: App) -> None:
    main = app.page()
    main.invoke("open_window", "kept")
    kept = app.page("kept")
    main.invoke("ask_before_close", "kept")
    main.invoke("close_label", "kept")
    wait_for(lambda: main.invoke("asked") == ["kept"], what="the first question")
    assert kept.invoke("tick", 1) == 1
    main.invoke("close_label", "kept")
    app.wait_gone("kept")
    assert main.invoke("asked") == ["kept", "kept"]


CAPABILITIES = {
    "main": {
        "identifier": "main",
        "windows": ["main"],
        "permissions": ["core:default", "transom:default"],
    },
    "editors": {
        "identifier": "editors",
        "windows": ["editor-*"],
        "permissions": [
            {
                "identifier": "transom:allow-call",
                "allow": [{"command": "ti*"}, {"command": "labels"}],
                "deny": [{"command": "labels"}],
            }
        ],
    },
    "bare": {
        "identifier": "bare",
        "windows": ["bare"],
        "permissions": ["transom:allow-call"],
    },
}


@pytest.fixture(scope="module")
def guarded(start_shared: StartApp) -> App:
    app = start_shared("windows", capabilities=CAPABILITIES)
    for label in ("editor-1", "bare", "stranger"):
        app.page().invoke("open_window", label)
    return app


def test_default_grants_every_command(guarded: App) -> None:
    assert guarded.page().invoke("tick", 1) == 1


def test_entries_grant_just_the_commands_they_name(guarded: App) -> None:
    page = guarded.page("editor-1")
    assert page.invoke("tick", 2) == 2
    error = page.failure("find", "main")
    assert error.code == "permission-denied"
    assert "find" in error.message
    assert error.details["started"] is False


def test_a_deny_entry_wins(guarded: App) -> None:
    assert guarded.page("editor-1").failure("labels").code == "permission-denied"


@pytest.mark.parametrize("label", ["bare", "stranger"])
def test_a_window_without_entries_or_capability_may_call_nothing(guarded: App, label: str) -> None:
    page = guarded.page(label)
    for command in ("tick", "labels", "unknown"):
        error = page.failure(command, 1)
        assert error.name == "InvokeError"
        assert error.code == "permission-denied"


def test_a_denied_page_cannot_claim_to_be_another(guarded: App) -> None:
    """The label comes from the host; what the frame says about itself counts for nothing."""
    source = """
    const {invoke} = window.__TAURI_INTERNALS__;
    const head = {e: "0".repeat(32), i: 1, c: "tick", b: "json", window: "main", label: "main"};
    const body = new TextEncoder().encode("1");
    return await invoke("plugin:transom|call", body, {headers: {transom: JSON.stringify(head)}});
    """
    with pytest.raises(PageError):
        guarded.page("stranger").run(source)


@pytest.mark.parametrize("entry", [{"comand": "echo"}, {"command": "secret**"}])
def test_a_denial_that_cannot_be_read_denies_everything(
    start_app: StartApp, entry: dict[str, str]
) -> None:
    denial = {"identifier": "transom:allow-call", "deny": [entry]}
    permissions = ["core:default", "transom:default", denial]
    capability = {"identifier": "default", "windows": ["*"], "permissions": permissions}
    page = start_app("tiny", capabilities={"default": capability}).page()
    assert page.failure("echo", 1).code == "permission-denied"


def test_a_page_hears_events_by_the_permission_for_them(start_app: StartApp) -> None:
    listening = """
        const {listen, emit} = window.__TAURI__.event;
        return await new Promise((resolve, reject) => {
          listen("saved", ({payload}) => resolve(payload)).then(() => emit("saved", "a"), reject);
        });
        """
    for permissions in (["transom:default", "core:event:default"], ["transom:default"]):
        main = {"identifier": "main", "windows": ["main"], "permissions": permissions}
        page = start_app("tiny", capabilities={"main": main}).page()
        if len(permissions) == 2:
            assert page.run(listening) == "a"
        else:
            # A debug build says more.
            with pytest.raises(PageError, match="listen not allowed"):
                page.run(listening)


HIDDEN = """
import sys
from pathlib import Path
from transom import Commands, Effect, ProgressBarStatus, Theme
from transom import WebviewUrl, WebviewWindowBuilder, run


def set_up(app_handle):
    window = WebviewWindowBuilder.build(
        app_handle, "hidden", WebviewUrl.App("index.html"), visible=False,
        effects={"effects": [Effect.Mica]},
    )
    for act in ACTS:
        act(window)
    print("all done", flush=True)
    app_handle.exit(4)


ACTS = [
    lambda it: it.set_ignore_cursor_events(True),
    lambda it: it.set_ignore_cursor_events(False),
    lambda it: it.set_cursor_grab(True),
    lambda it: it.set_cursor_visible(False),
    lambda it: it.set_fullscreen(True),
    lambda it: it.set_always_on_top(True),
    lambda it: it.set_decorations(False),
    lambda it: it.set_focus(),
    lambda it: it.minimize(),
    lambda it: it.maximize(),
    lambda it: it.start_dragging(),
    lambda it: it.inner_position(),
    lambda it: it.outer_size(),
    lambda it: it.current_monitor(),
    lambda it: it.set_theme(Theme.Dark),
    lambda it: list(Theme).index(it.theme()),
    lambda it: it.set_effects({"effects": [Effect.Blur], "color": (0, 0, 0, 125)}),
    lambda it: it.set_effects(None),
    lambda it: it.set_progress_bar({"status": ProgressBarStatus.Normal, "progress": 50}),
]
sys.exit(run(Commands(), Path(__file__).parent, setup=set_up))
"""


def test_a_window_that_was_never_shown_bears_every_method(run_app: RunApp) -> None:
    app = run_app(HIDDEN)
    assert "all done" in app.output
    assert app.code == 4, app.output
