"""PARITY D: windows. Each test is named after its row."""

from __future__ import annotations

import pytest
from harness import App, Page
from packages import Parity, invoke, rejection, run

from transom.testing.webdriver import wait_for


@pytest.fixture(scope="module")
def app(parity: Parity) -> App:
    capability = parity.capability(["main", "new*"], "core:default", "python:default")
    return parity.start("pages", capabilities={"main": capability})


@pytest.fixture(scope="module")
def page(app: App) -> Page:
    return app.page()


def test_d1_d2_a_command_opens_a_window_with_arguments(app: App, page: Page) -> None:
    assert invoke(page, "open_window", {"label": "new-1", "title": "one"}) == "new-1"
    second = app.page("new-1")
    assert invoke(second, "whereabouts", b"")[0] == "new-1"
    *changed, scale, position, local = invoke(second, "change_window")
    assert changed == ["one", "changed", True, True, False]
    assert scale > 0
    assert position == 2
    assert local is True
    invoke(page, "destroy_window", "new-1")
    app.wait_gone("new-1")


def test_d1_by_class_and_from_config(app: App, page: Page) -> None:
    assert invoke(page, "open_by_class", "new-2") == "new-2"
    config = {"label": "new-3", "url": "index.html", "title": "overridden"}
    assert invoke(page, "open_from_config", config) == "new-3"
    labels = invoke(page, "whereabouts", b"")[2:]
    assert labels == ["main", "new-2", "new-3"]
    for label in ("new-2", "new-3"):
        invoke(page, "destroy_window", label)
        app.wait_gone(label)


def test_d1_a_label_that_is_taken(page: Page) -> None:
    text = rejection(page, "open_window", {"label": "main"})
    assert text.startswith("RuntimeError(")
    assert "a webview with label `main` already exists" in text


def test_d1_a_bad_url_is_a_value_error(page: Page) -> None:
    assert invoke(page, "bad_url") == "ValueError"


def test_d1_a_window_in_no_capability_may_call_nothing(app: App, page: Page) -> None:
    invoke(page, "open_window", {"label": "stranger"})
    assert "not allowed" in rejection(app.page("stranger"), "nothing")
    invoke(page, "destroy_window", "stranger")
    app.wait_gone("stranger")


@pytest.mark.peer_differs("it loses the message silently")
def test_c3_a_message_to_a_window_that_is_gone_is_an_error_and_does_no_harm(
    app: App, page: Page
) -> None:
    invoke(page, "open_window", {"label": "new-6"})
    run(app.page("new-6"), "return await pyInvoke('keep_channel', new Channel(() => {}))")
    assert invoke(page, "send_to_kept") == ""
    invoke(page, "destroy_window", "new-6")
    app.wait_gone("new-6")
    gone = "the window `new-6` of this channel is gone"
    wait_for(lambda: invoke(page, "send_to_kept") == gone, what="the end of the channel")
    assert invoke(page, "maybe", 1) == "1"


def test_d3_methods_work_from_a_command(page: Page) -> None:
    invoke(page, "change_window")
    wait_for(lambda: invoke(page, "sizes") == [500, 400], what="the new size")


def test_d4_events_of_a_window_and_prevent_close(app: App, page: Page) -> None:
    invoke(page, "open_window", {"label": "new-5"})
    watched = app.page("new-5")
    invoke(page, "watch", "new-5")
    invoke(watched, "change_window")

    def seen(text: str) -> None:
        wait_for(lambda: text in invoke(page, "take_events"), what=text)

    seen("resized 500x400")
    invoke(page, "close_window", "new-5")
    seen("prevented")
    assert "destroyed" not in invoke(page, "take_events")
    assert invoke(watched, "maybe", 1) == "1"
    invoke(page, "close_window", "new-5")
    seen("let go")
    seen("destroyed")
    app.wait_gone("new-5")
