"""PARITY A2, A3: an app's folder. Each test is named after its row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import PageError
from packages import Parity, invoke

SETTINGS: dict[str, Any] = {
    "productName": "parity",
    "version": "0.0.0",
    "identifier": "dev.parity.tests",
    "build": {"frontendDist": "frontend"},
    "app": {"withGlobalTauri": True, "windows": [{"label": "main", "title": "from the file"}]},
}


def refusal(parity: Parity, files: dict[str, str] | None = None, **env: str) -> str:
    """What `context_factory` raises; the kind first."""
    told = parity.told("contexts", env, files=files or {})
    return f"{told['kind']}: {told.get('text', '')}"


def test_a2_a_good_folder(parity: Parity) -> None:
    assert refusal(parity) == "ok: "


def test_a2_the_folder_must_be_absolute(parity: Parity) -> None:
    text = refusal(parity, PARITY_DIR="relative")
    assert text.startswith("ValueError: `src_tauri_dir` must be an absolute path")


@pytest.mark.parametrize("text", ["{ not json", "[]"])
def test_a2_a_configuration_that_cannot_be_read(parity: Parity, text: str) -> None:
    assert refusal(parity, {"tauri.conf.json": text}).startswith("ValueError: ")


def test_a2_a_capability_that_cannot_be_read(parity: Parity) -> None:
    assert refusal(parity, {"capabilities/bad.json": "{ not json"}).startswith("ValueError: ")


def test_a2_a_capability_that_is_not_there(parity: Parity) -> None:
    patch = json.dumps({"app": {"security": {"capabilities": ["nowhere"]}}})
    text = refusal(parity, PARITY_PATCH=patch)
    assert text.startswith("ValueError: ")
    assert "nowhere" in text


@pytest.mark.peer_differs("a permission that there is not is a `ValueError`, not a panic")
def test_a2_a_permission_that_is_not_there(parity: Parity) -> None:
    capability = {"identifier": "x", "windows": ["*"], "permissions": ["core:nothing"]}
    text = refusal(parity, {"capabilities/x.json": json.dumps(capability)})
    assert text.startswith("ValueError: ")


@pytest.mark.peer_differs("permissions of plugins that are not built in are a warning")
def test_a2_a_plugin_that_is_not_there(parity: Parity) -> None:
    capability = {"identifier": "x", "windows": ["*"], "permissions": ["nobody:default"]}
    assert refusal(parity, {"capabilities/x.json": json.dumps(capability)}) == "ok: "


def test_a2_a_frontend_of_files_is_not_supported(parity: Parity) -> None:
    patch = json.dumps({"build": {"frontendDist": ["a.html", "b.html"]}})
    assert refusal(parity, PARITY_PATCH=patch).startswith("ValueError: ")


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"tauri.conf.json": json.dumps(SETTINGS)}, "from the file"),
        (
            {
                "tauri.conf.json": json.dumps(SETTINGS),
                "tauri.linux.conf.json": json.dumps(
                    {"app": {"windows": [{"label": "main", "title": "from the platform"}]}}
                ),
            },
            "from the platform",
        ),
    ],
    ids=["json", "platform"],
)
def test_a2_configuration_files(parity: Parity, files: dict[str, str], title: str) -> None:
    page = parity.start("pages", files=files).page()
    assert invoke(page, "change_window")[0] == title


def test_a3_files_are_read_at_every_request_and_missing_ones_fall_back(parity: Parity) -> None:
    files = {
        "frontend/about.html": "about",
        "frontend/guide/index.html": "guide",
        "frontend/index.html": "index",
    }
    app = parity.start("pages", files=files)
    page = app.page()

    def fetched(path: str) -> str:
        return page.run("return await (await fetch(args[0])).text()", path)

    assert fetched("/about.html") == "about"
    assert fetched("/about") == "about"
    assert fetched("/guide") == "guide"
    assert fetched("/nowhere") == "index"
    (app.folder / "frontend" / "about.html").write_text("changed")
    assert fetched("/about.html") == "changed"


@pytest.mark.peer_differs("a Content-Security-Policy works")
def test_a2_a_content_security_policy_works(parity: Parity) -> None:
    policy = "default-src 'self'; connect-src ipc: http://ipc.localhost 'self'"
    page = parity.start("pages", config={"app": {"security": {"csp": policy}}}).page()
    assert invoke(page, "maybe", 1) == "1"


def test_a4_without_a_handler_the_plugin_is_not_there(parity: Parity) -> None:
    page = parity.start("no_handler").page()
    with pytest.raises(PageError, match="not found"):
        invoke(page, "anything", 1)
