"""Tests that what a command does to its whole process leaves later calls their answers."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel

from transom import Commands
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio


class Text(BaseModel):
    text: str


@pytest.fixture
def commands(commands: Commands) -> Commands:
    @commands.command()
    def echo(body: Text) -> Text:
        return body

    @commands.command()
    def break_down() -> None:
        raise LookupError("broke down")

    return commands


async def test_calls_need_nothing_that_a_command_may_take_out_of_json(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    @commands.command()
    def spoil() -> None:
        for name in ("dumps", "loads"):
            monkeypatch.setattr(json, name, None)

    async with TestApp(commands) as app:
        page = app.window()
        await page.invoke("spoil")
        try:
            assert await page.invoke("echo", {"text": "a"}) == {"text": "a"}
            with pytest.raises(InvokeError) as invalid:
                await page.invoke("echo", {"text": 1})
            with pytest.raises(InvokeError) as failed:
                await page.invoke("break_down")
        finally:
            monkeypatch.undo()
    assert invalid.value.code == "invalid-argument"
    assert failed.value.code == "command-error"
