"""Tests that commands see in the test kit what they see in windows: one app runs in both."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import pytest
from harness import APPS, App, Json, Page, StartApp, write_app

from transom.testing import TestApp, TestWindow

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio"])]

CAPABILITIES: dict[str, Json] = {
    "all": {
        "identifier": "all",
        "windows": ["main", "talks"],
        "permissions": ["core:default", "transom:default"],
    },
    "logs": {
        "identifier": "logs",
        "windows": ["viewer"],
        "permissions": [
            "core:default",
            {
                "identifier": "transom:allow-call",
                "allow": [{"command": "beyond"}, {"window": "log-*"}],
            },
        ],
    },
}
MAIN = {"label": "main", "title": "Main", "width": 640, "height": 480, "url": "index.html"}
CONFIG: dict[str, Json] = {
    "app": {"windows": [MAIN, {"label": "viewer", "visible": False, "theme": "Dark"}]}
}


@pytest.fixture(scope="module")
def real(start_shared: StartApp) -> App:
    return start_shared("shared", config=CONFIG, capabilities=CAPABILITIES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kit") / "app"
    return write_app(home, "shared", config=CONFIG, capabilities=CAPABILITIES).parent


def load(app: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{app}_app", APPS / app / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic looks for the module of a class
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shared() -> ModuleType:
    return load("shared")


@pytest.fixture
async def kit(shared: ModuleType, folder: Path) -> AsyncIterator[TestApp]:
    async with TestApp(shared.commands, capabilities=folder) as app:
        yield app


def page_of(real: App, label: str = "main") -> Page:
    page = real.page(label)
    page.wait_until("window.__TAURI__?.transom")
    return page


@pytest.mark.parametrize(
    "command", ["wrong_values", "arguments", "setters", "labels", "closing", "gone"]
)
async def test_commands_see_the_same(real: App, kit: TestApp, command: str) -> None:
    expected = page_of(real).invoke(command)
    found = await kit.window("main").invoke(command)
    compare(found, expected)


async def test_a_bounded_reach_is_the_same(real: App, kit: TestApp) -> None:
    expected = page_of(real, "viewer").invoke("beyond")
    compare(await kit.window("viewer").invoke("beyond"), expected)


async def test_the_windows_of_the_configuration_are_there(kit: TestApp) -> None:
    assert list(kit.windows) == ["main", "viewer"]
    main, viewer = kit.windows.values()
    assert (main.state.title, main.state.inner_size) == ("Main", (640, 480))
    assert viewer.state.visible is False


async def test_functions_of_a_page_answer_the_same(real: App, kit: TestApp) -> None:
    expected = page_of(real).invoke("talking")
    call = kit.window("main").start("talking")
    with anyio.fail_after(60):
        await kit.opened("talks")
    page = kit.window("talks")
    expose(page)
    compare(await call, expected)


def expose(page: TestWindow) -> None:
    """What `index.html` does."""

    class KeyError(Exception):  # noqa: A001 - the name of the error on the page
        pass

    def fail(_: object) -> None:
        raise KeyError("no such file")

    functions: dict[str, Callable[[Any], object]] = {
        "double": lambda arg: 2 * arg["number"],
        "fail": fail,
        "slow": lambda _: anyio.sleep(600),
        "ready": lambda _: True,
    }
    for name, function in functions.items():
        page.expose(name, function)


async def test_a_channel_is_found_by_a_window(real: App, kit: TestApp) -> None:
    page_of(real).run(
        """
        const {Channel} = window.__TAURI__.core, messages = [];
        const channel = new Channel();
        const two = new Promise((done) => {
          channel.onmessage = (it) => { if (messages.push(it) === 2) done(); };
        });
        await transom.pyInvoke("send", channel);
        await two;
        if (messages[0] !== 1 || messages[1].byteLength !== 3) throw new Error(String(messages));
        """
    )
    main = kit.window("main")
    channel = main.channel()
    await main.invoke("send", channel)
    with anyio.fail_after(60):
        assert await channel.wait_for(lambda it: len(it) == 2) == [1, b"two"]


async def test_menus_are_the_same(start_app: StartApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(APPS / "menus")
    real = page_of(start_app("menus"))
    async with TestApp(load("menus").commands) as kit:
        main = kit.window("main")
        for command in ("kinds", "setup", "which", "shown", "windows"):
            compare(await main.invoke(command), real.invoke(command))
        found, expected = await main.invoke("mistakes"), real.invoke("mistakes")
        for errors in (found, expected):
            del errors["gtk-key"]  # the kit does not know which keys a system has
            for name in [it for it in errors if it.startswith("fork-")]:
                del errors[name]  # a fork of a test may go on with its app
            for name, text in errors.items():
                # Ids are counted, and the app in the window is a copy.
                errors[name] = re.sub(r"`\d+`|/\S+/(?=mistakes\.py)", "…", text)
        compare(found, expected)


async def test_tray_icons_are_the_same(start_app: StartApp) -> None:
    real = page_of(start_app("trays"))
    async with TestApp(load("trays").commands) as kit:
        main = kit.window("main")
        compare(await main.invoke("setup"), real.invoke("setup"))
        # How many handlers there are is known of a real app only.
        compare((await main.invoke("use"))[2:], real.invoke("use")[2:])
        compare((await main.invoke("remove"))[:-1], real.invoke("remove")[:-1])
        expected = real.invoke("mistakes")
        del expected["folder"]  # nothing is written
        found = await main.invoke("mistakes")
        del found["folder"]
        compare(found, expected)


def compare(found: Json, expected: Json) -> None:
    """Says where the kit differs from a window."""
    found = json.loads(json.dumps(found))
    assert isinstance(found, type(expected))
    if not isinstance(found, dict | list):
        assert found == expected
        return
    one, other = (dict(enumerate(it)) if isinstance(it, list) else it for it in (found, expected))
    assert {at: one[at] for at in one if one[at] != other.get(at)} == {}
    assert one.keys() == other.keys()
