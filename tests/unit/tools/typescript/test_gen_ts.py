"""Tests the TypeScript methods of `Commands`, as apps written for PyTauri call them."""

import inspect
from pathlib import Path

import pytest

from transom import Commands

pytestmark = pytest.mark.anyio


async def test_they_write_the_two_files_of_pytauri(tmp_path: Path) -> None:
    commands = Commands(experimental_gen_ts=True)

    @commands.command()
    async def say_hello(body: str) -> str:
        return body

    @commands.command()
    async def say_nothing() -> bytes:
        return b""

    folder = tmp_path / "src" / "client"
    await commands.experimental_gen_ts(folder, "pnpm json2ts")
    client, types = folder / "apiClient.ts", folder / "_apiTypes.d.ts"
    assert "export function sayHello(body: string, options?" in client.read_text()
    assert "export function sayNothing(body?: undefined, options?" in client.read_text()
    assert "  say_nothing: { input: undefined; output: Awaited" in types.read_text()
    before = [client.stat().st_mtime_ns, types.stat().st_mtime_ns]
    await commands.experimental_gen_ts_background(str(folder), "pnpm json2ts")
    assert before == [client.stat().st_mtime_ns, types.stat().st_mtime_ns]
    await commands.experimental_gen_ts(folder, "", cmd_alias=None)
    assert "export function say_hello(" in client.read_text()
    await commands.experimental_gen_ts(folder, "", cmd_alias=str.upper)
    assert "export function SAY_HELLO(" in client.read_text()


async def test_without_the_option_one_raises_and_one_logs(caplog: pytest.LogCaptureFixture) -> None:
    commands = Commands()
    with pytest.raises(RuntimeError, match=r"`Commands\(experimental_gen_ts=True\)`"):
        await commands.experimental_gen_ts("src", "json2ts")
    assert caplog.records == []
    await commands.experimental_gen_ts_background("src", "json2ts")
    assert "experimental_gen_ts=True" in caplog.text
    assert caplog.records[0].name == "transom.ipc"


async def test_a_folder_that_cannot_be_made_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    commands = Commands(experimental_gen_ts=True)
    with pytest.raises(OSError, match="file"):
        await commands.experimental_gen_ts(tmp_path / "file", "json2ts")


def test_they_are_called_as_in_pytauri() -> None:
    for method in (Commands.experimental_gen_ts, Commands.experimental_gen_ts_background):
        names = list(inspect.signature(method).parameters)
        assert names == ["self", "output_dir", "json2ts_cmd", "cmd_alias"]
    with pytest.raises(TypeError):
        Commands(True)  # type: ignore[misc]
    assert dict(Commands(experimental_gen_ts=True)) == {}
