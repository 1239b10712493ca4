"""Tests the TypeScript methods of `Commands`, which do nothing yet."""

import inspect
import logging
from pathlib import Path

import pytest

from transom import Commands

pytestmark = pytest.mark.anyio


async def test_they_say_once_that_types_come_later(caplog: pytest.LogCaptureFixture) -> None:
    commands = Commands(experimental_gen_ts=True)
    await commands.experimental_gen_ts(Path("src"), "pnpm json2ts", cmd_alias=None)
    await commands.experimental_gen_ts_background("src", "pnpm json2ts")
    assert [it.levelno for it in caplog.records] == [logging.WARNING]
    assert "types of the commands come with a later release" in caplog.text
    assert "written to src" in caplog.text


async def test_without_the_option_one_raises_and_one_logs(caplog: pytest.LogCaptureFixture) -> None:
    commands = Commands()
    with pytest.raises(RuntimeError, match=r"`Commands\(experimental_gen_ts=True\)`"):
        await commands.experimental_gen_ts("src", "json2ts")
    assert caplog.records == []
    await commands.experimental_gen_ts_background("src", "json2ts")
    assert "experimental_gen_ts=True" in caplog.text
    assert caplog.records[0].name == "transom.ipc"


def test_they_are_called_as_in_pytauri() -> None:
    for method in (Commands.experimental_gen_ts, Commands.experimental_gen_ts_background):
        names = list(inspect.signature(method).parameters)
        assert names == ["self", "output_dir", "json2ts_cmd", "cmd_alias"]
    with pytest.raises(TypeError):
        Commands(True)  # type: ignore[misc]
    assert dict(Commands(experimental_gen_ts=True)) == {}
