"""Tests what a window may call, by scope entries, by capabilities, and by an app's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from transom import Commands
from transom.testing import InvokeError, TestApp, TestWindow

pytestmark = pytest.mark.anyio


@pytest.fixture
def commands() -> Commands:
    commands = Commands()
    for name in ("read", "write", "write-all"):

        @commands.command(name)
        async def command() -> None:
            pass

    return commands


async def allowed(window: TestWindow) -> set[str]:
    """Which of the commands the window may call."""
    found = set[str]()
    for name in ("read", "write", "write-all"):
        try:
            await window.invoke(name)
        except InvokeError as error:
            denied = (error.code, error.details["started"])
            found |= set() if denied == ("permission-denied", False) else {str(error)}
        else:
            found.add(name)
    return found


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({}, {"read", "write", "write-all"}),
        ({"allow": [{"command": "read"}]}, {"read"}),
        ({"allow": [{"command": "write*"}]}, {"write", "write-all"}),
        ({"allow": []}, set()),
        ({"deny": [{"command": "write-*"}]}, {"read", "write"}),
        ({"allow": [{"command": "*"}], "deny": [{"command": "read"}]}, {"write", "write-all"}),
        ({"deny": [{"comand": "read"}]}, set()),
    ],
)
async def test_entries_decide(
    commands: Commands, entries: dict[str, Any], expected: set[str]
) -> None:
    async with TestApp(commands) as app:
        assert await allowed(app.window("main", **entries)) == expected


async def test_a_denial_names_the_entry_to_add(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main", allow=[{"command": "read"}])
        with pytest.raises(InvokeError, match=r'add {"command":"write"} to the `allow`'):
            await main.invoke("write")


async def test_a_denial_by_an_entry_names_that_entry(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main", allow=[{"command": "*"}], deny=[{"command": "write*"}])
        with pytest.raises(InvokeError, match=r'take {"command":"write\*"} out') as caught:
            await main.invoke("write")
        assert "add" not in caught.value.message


def capability(*permissions: Any, windows: str = "main", **more: Any) -> dict[str, Any]:
    return {
        "identifier": windows.replace("*", "all"),
        "windows": [windows],
        "permissions": permissions,
        **more,
    }


READ = {"identifier": "transom:allow-call", "allow": [{"command": "read"}]}
WRITE = {"identifier": "transom:allow-call", "allow": [{"command": "write*"}]}


async def test_capabilities_decide_by_label(commands: Commands) -> None:
    both = [capability(READ), capability(WRITE, windows="editor-*")]
    async with TestApp(commands, capabilities=both) as app:
        assert await allowed(app.window("main")) == {"read"}
        assert await allowed(app.window("editor-1")) == {"write", "write-all"}
        own = capability("transom:default", windows="mine")
        assert len(await allowed(app.window("mine", capabilities=own))) == 3
        with pytest.raises(InvokeError, match="is in no capability") as caught:
            await app.window("other").invoke("read")
        assert caught.value.code == "permission-denied"


async def test_permissions_of_capabilities_add_up_and_a_denial_wins(commands: Commands) -> None:
    no_read = {"identifier": "transom:allow-call", "deny": [{"command": "read"}]}
    async with TestApp(commands, capabilities=capability("transom:default", no_read)) as app:
        assert await allowed(app.window("main")) == {"write", "write-all"}


async def test_a_remote_page_needs_a_capability_of_its_own(commands: Commands) -> None:
    remote = capability(READ, remote={"urls": ["https://docs.example"]})
    async with TestApp(commands, capabilities=remote) as app:
        main = app.window("main", url="https://docs.example/page")
        assert await allowed(main) == {"read"}
        with pytest.raises(InvokeError, match="is in no capability"):
            await app.window("main-2", url="https://evil.example").invoke("read")


def test_a_wrong_capability_is_refused_as_the_app_refuses_it(commands: Commands) -> None:
    with pytest.raises(ValueError, match="did you mean `transom:allow-call`"):
        TestApp(commands, capabilities=capability("transom:alow-call"))


async def test_the_files_of_an_app_decide(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "Tauri.toml").write_text('identifier = "com.example.test"\n')
    folder = tmp_path / "capabilities"
    folder.mkdir()
    (folder / "main.toml").write_text(
        'identifier = "main"\nwindows = ["main"]\n'
        '[[permissions]]\nidentifier = "transom:allow-call"\nallow = [{ command = "read" }]\n'
    )
    async with TestApp(commands, capabilities=tmp_path) as app:
        assert await allowed(app.window("main")) == {"read"}
        with pytest.raises(InvokeError, match="is in no capability"):
            await app.window("other").invoke("read")


async def test_the_log_names_a_denial_in_each_app(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        caplog.clear()
        async with TestApp(commands) as app:
            with pytest.raises(InvokeError, match="permission-denied"):
                await app.window("main", allow=[{"command": "read"}]).invoke("write")
        # Of one app the log names one a second; another app's is news.
        assert [it.levelname for it in caplog.records if "write" in it.message] == ["WARNING"]


async def test_permissions_of_plugins_that_there_are_not_are_a_warning(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    capability = {
        "identifier": "moved",
        "windows": ["main"],
        "permissions": ["nobody:default", "pytauri:default"],
    }
    async with TestApp(commands, capabilities=capability) as app:
        assert await allowed(app.window("main")) == {"read", "write", "write-all"}
    assert "`nobody:default` in the test" in caplog.text
    assert "`pytauri:default` as `transom:default` in the test" in caplog.text
