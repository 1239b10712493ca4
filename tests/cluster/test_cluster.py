"""Tests commands on a Ray of this machine, in the test kit: what they may rely on."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import jobs
import pytest
from calling import until_served
from conformance import CHECKS, FORMS, Check, Subject, commands_for
from jobs import SLOW, alive, processes, until

from transom import Commands, RayExecutor
from transom._cluster.kept import FRESH
from transom.testing import Emitted, InvokeError, TestApp, TestWindow

pytestmark = pytest.mark.anyio

GRACE = 15.0
"""Seconds. On a busy machine Ray takes some to bring a cancel to a call."""


@pytest.fixture(scope="module")
async def app(anyio_backend: str) -> AsyncIterator[TestApp]:
    commands = Commands()
    for func in jobs.COMMANDS:
        commands.command(executor="cluster")(func)
    commands_for(commands, "cluster", "cluster")
    commands.command("never_stops_keyed", executor="cluster", affinity="/file")(jobs.never_stops)
    executor = RayExecutor(grace=GRACE, start_timeout=SLOW, initializer=jobs.make)
    async with TestApp(commands, executors={"cluster": executor}) as app:
        yield app
        [gateway] = app.workers()
        assert gateway.pid is not None
        session = gateway.pid
    await until(lambda: not processes(session))


@pytest.fixture(scope="module")
async def main(app: TestApp) -> TestWindow:
    main = app.window()
    await until_served(main, "greet")
    return main


def gateway_of(app: TestApp) -> int:
    [gateway] = app.workers()
    assert gateway.pid is not None
    return gateway.pid


@pytest.mark.parametrize("form", FORMS["cluster"])
@pytest.mark.parametrize("check", CHECKS)
async def test_commands_rely_on(main: TestWindow, tmp_path: Path, check: Check, form: str) -> None:
    await check(Subject(main, "cluster", f"cluster_{form}", tmp_path))


async def test_bodies_and_results_are_those_of_every_executor(main: TestWindow) -> None:
    greeting = await main.invoke("greet", {"name": "Ada"})
    assert greeting["text"] == "Hello Ada"
    assert greeting["process"] != os.getpid()
    assert await main.invoke("greet_soon", {"name": "Ada"}) == "Hello Ada in main"
    for size in (3, 1 << 20):
        assert await main.invoke("double", b"x" * size) == b"x" * size * 2
    left = await main.invoke("deadline", timeout=600.0)
    assert 0 < left < 600
    assert await main.invoke("deadline") is None


async def test_the_initializer_runs_once_in_each_process(main: TestWindow) -> None:
    first = await main.invoke("what_was_made")
    assert first[0] == first[-1]
    assert len(first) == 2
    again = await main.invoke("what_was_made")
    assert len(again) == 2


async def test_failures_have_their_codes(main: TestWindow) -> None:
    async def failure(command: str, body: Any = None) -> InvokeError:
        with pytest.raises(InvokeError) as caught:
            await (main.invoke(command) if body is None else main.invoke(command, body))
        return caught.value

    chosen = await failure("fail", "chosen")
    assert (chosen.code, chosen.message) == ("command-error", "for a person")
    other = await failure("fail", "other")
    assert (other.code, other.details["type"]) == ("command-error", "KeyError")
    assert (await failure("fail", "exit")).message == "SystemExit(3)"
    body = await failure("greet", {"nom": "Ada"})
    assert (body.code, body.details["started"]) == ("invalid-argument", False)
    assert body.details["issues"][0]["loc"] == ["name"]
    assert (await failure("wrong")).code == "result-not-serializable"


async def test_progress_comes_before_the_result(main: TestWindow) -> None:
    told = list[float]()
    assert await main.invoke("count", 5000, on_progress=lambda it: told.append(it.done)) == 5000
    assert told[-1] == 5000
    assert told == sorted(told)


@pytest.mark.parametrize("command", ["sleep_long", "wait_long"])
async def test_a_cancel_reaches_the_code(main: TestWindow, tmp_path: Path, command: str) -> None:
    file = tmp_path / "trail"
    call = main.start(command, {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    process = int(file.read_text())
    call.cancel()
    assert await call.released() == "cancelled"
    assert file.read_text() == "over"
    # It was not killed for that.
    assert alive(process)


async def test_what_does_not_stop_is_killed_after_the_grace(
    app: TestApp, main: TestWindow, tmp_path: Path
) -> None:
    file = tmp_path / "trail"
    call = main.start("never_stops", {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    process = int(file.read_text())
    other = main.start("wait_long", {"file": str(tmp_path / "other")})
    await until((tmp_path / "other").exists)
    call.cancel()
    await call.released()
    await until(lambda: not alive(process))
    # No other call is touched.
    await until(lambda: [it.command for it in app.calls()] == ["wait_long"])
    other.cancel()
    await other.released()


async def test_a_process_of_a_key_is_replaced(main: TestWindow) -> None:
    async def keyed() -> tuple[int, int]:
        return tuple(await main.invoke("keyed_cluster_plain", {"key": "replaced"}))

    process, count = await keyed()
    assert (process, count + 1) == await keyed()
    os.kill(process, signal.SIGKILL)
    await until(lambda: not alive(process))
    # Earlier nobody asks whether it is alive, and the call would be lost.
    await anyio.sleep(FRESH)
    another, count = await keyed()
    assert another != process
    assert count == 1


@pytest.mark.long
async def test_a_process_of_a_key_is_killed_after_the_grace(
    main: TestWindow, tmp_path: Path
) -> None:
    file = tmp_path / "trail"
    call = main.start("never_stops_keyed", {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    stuck = int(file.read_text())
    call.cancel()
    await call.released()
    await until(lambda: not alive(stuck))
    process, _ = await main.invoke("keyed_cluster_plain", {"key": str(file)})
    assert process != stuck


async def test_a_call_that_waits_for_the_cluster_is_taken_back(
    main: TestWindow, tmp_path: Path
) -> None:
    files = [tmp_path / str(number) for number in range((os.cpu_count() or 1) * 4)]
    calls = [main.start("wait_long", {"file": str(it)}) for it in files]
    await until(lambda: any(it.exists() for it in files))
    for call in calls:
        call.cancel()
    for call in calls:
        assert await call.released() == "cancelled"
    # Most of them never ran.
    assert not all(it.exists() for it in files)
    assert (await main.invoke("greet", {"name": "Ada"}))["text"] == "Hello Ada"


async def test_a_stream_makes_no_more_than_its_page_takes(main: TestWindow, tmp_path: Path) -> None:
    file, got = tmp_path / "made", list[int]()
    async with main.stream("numbers", {"file": str(file)}, buffer=4) as items:
        async for item in items:
            got.append(item)
            if len(got) == 40:
                break
    assert got == list(range(40))
    # The credit, and the item that found none.
    assert int(file.read_text()) <= 40 + 4 + 1


async def test_streams_of_models_and_of_bytes(main: TestWindow) -> None:
    async with main.stream("numbers_soon", 3000) as items:
        names = [item["name"] async for item in items]
    assert names == [f"{number}" for number in range(3000)]
    async with main.stream("pieces", 20) as items:
        pieces = [item async for item in items]
    assert [(it[0], len(it)) for it in pieces] == [(number, 100_000) for number in range(20)]


async def test_channels_and_events_reach_the_window_that_called(
    app: TestApp, main: TestWindow
) -> None:
    channel = main.channel()
    assert await main.invoke("tell", (channel, 3000)) == 3000
    await channel.wait_for(lambda messages: len(messages) == 3000)
    assert channel.messages == list(range(3000))
    await until(lambda: app.emitted)
    assert app.emitted == [Emitted("told", {"name": "all"}, "main")]


async def test_what_is_logged_comes_to_the_log_of_the_app(
    main: TestWindow, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await main.invoke("log_it", "from far away")
        await until(lambda: "note: from far away" in caplog.text)
    [record] = [it for it in caplog.records if it.name == "app.jobs"]
    assert record.levelno == logging.WARNING


async def test_a_process_that_dies_costs_its_call_alone(main: TestWindow) -> None:
    with pytest.raises(InvokeError) as caught:
        await main.invoke("kill_me")
    assert caught.value.code == "worker-lost"
    assert caught.value.details["started"]
    assert (await main.invoke("greet", {"name": "Ada"}))["text"] == "Hello Ada"


async def test_many_calls_at_once(main: TestWindow) -> None:
    async def one(number: int) -> None:
        greeting = await main.invoke("greet", {"name": f"{number}"})
        assert greeting["text"] == f"Hello {number}"

    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(one, number)


async def test_a_driver_that_dies_is_replaced(
    app: TestApp, main: TestWindow, tmp_path: Path
) -> None:
    """The last test of this file: it starts another Ray."""
    file, before = tmp_path / "trail", gateway_of(app)
    call = main.start("wait_long", {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    os.kill(before, signal.SIGKILL)
    with pytest.raises(InvokeError) as caught:
        await call
    assert (caught.value.code, caught.value.details["signal"]) == ("worker-lost", signal.SIGKILL)
    await until(lambda: not processes(before))
    assert (await main.invoke("greet", {"name": "Ada"}))["text"] == "Hello Ada"
    assert gateway_of(app) != before
