"""Tests the inside of a worker process over a real link: how it starts, runs and ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from worker_host import ALLOWANCE, Forked, Host

from transom import ProcessPool
from transom._executors.process import BOOT, MARK
from transom._worker.link.frames import CANCEL, DELIVERED, SETUP, TAKEN

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="there are no zygotes")

APP = """
import itertools, sys, threading, time, os, anyio
from collections.abc import AsyncIterator, Iterator
from transom import *
from transom.ipc import JavaScriptChannelId
from typing import Any
commands = Commands()
loaded = []

def initialise():
    loaded.append(os.getpid())

@commands.command(executor="process")
def double(body: int) -> int:
    return body * 2

@commands.command(executor="process")
def where() -> list[str]:
    return [__name__, str(isinstance(3, AppHandle)), str(len(loaded)), sys.stdin.read()]

@commands.command(executor="process")
async def async_hold(ctx: CallContext) -> None:
    assert ctx.deadline > time.monotonic() + 30
    try:
        ctx.progress(0)
        await anyio.sleep_forever()
    finally:
        ctx.progress(1)

@commands.command(executor="process")
async def async_double(body: int) -> int:
    await anyio.sleep(0)
    return body * 2

@commands.command(executor="process")
def spin(ctx: CallContext) -> None:
    try:
        ctx.progress(0)
        while True:
            pass
    finally:
        ctx.progress(1)

@commands.command(executor="process")
def turn(ctx: CallContext) -> None:
    frame, before = sys._getframe(), sys._getframe().f_lineno

    def tell() -> None:
        while frame.f_lineno < before + 9:
            pass
        ctx.progress(0)

    threading.Thread(target=tell).start()
    try:
        while True: pass
    finally:
        ctx.progress(1)

@commands.command(executor="process")
def shielded(ctx: CallContext) -> None:
    with ctx.shield():
        ctx.progress(0)
        end = time.monotonic() + 120
        while not ctx.cancelled and time.monotonic() < end:
            pass
        ctx.progress(1)
    ctx.progress(2)

@commands.command(executor="process")
def stubborn(ctx: CallContext) -> None:
    try:
        ctx.progress(0)
        while True:
            pass
    except Cancelled:
        ctx.progress(1)
        time.sleep(0.2)
        ctx.progress(2)

@commands.command(executor="process")
def sizes(body: list[int]) -> Iterator[bytes]:
    return (bytes(size) for size in body)

@commands.command(executor="process")
def forever(ctx: CallContext) -> Iterator[int]:
    try:
        yield from itertools.count()
    finally:
        ctx.progress(-1)

@commands.command(executor="process")
async def async_forever(ctx: CallContext) -> AsyncIterator[int]:
    try:
        for number in itertools.count():
            yield number
    finally:
        ctx.progress(-1)

@commands.command(executor="process")
def talk(body: tuple[JavaScriptChannelId[Any], int], ctx: CallContext) -> None:
    channel = body[0].channel_on(ctx)
    try:
        for number in range(body[1]):
            channel.send(b"%d" % number if number % 2 else str(number))
    except WindowClosed as error:
        raise InvokeException(str(error)) from None
    finally:
        ctx.progress(-1)

@commands.command(executor="process")
async def async_talk(body: tuple[JavaScriptChannelId[Any], int], ctx: CallContext) -> None:
    talk(body, ctx)

kept = []

@commands.command(executor="process")
def keep(body: JavaScriptChannelId[Any], ctx: CallContext) -> None:
    kept.append(body.channel_on(ctx))

@commands.command(executor="process")
def send_to_kept() -> None:
    kept[0].send("1")

if __name__ == "__main__":
    sys.exit(run(commands, "nowhere"))
"""


@pytest.fixture(
    params=["spawned", pytest.param("forked", marks=LINUX)],
)
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Host]:
    app = tmp_path / "app.py"
    app.write_text(APP)
    ours, theirs = socket.socketpair()
    forked = Forked(theirs) if request.param == "forked" else None
    if forked is not None:
        process = forked
    else:
        env = {**os.environ, MARK: "1"}
        process = subprocess.Popen([sys.executable, BOOT], stdin=theirs.fileno(), env=env)
    theirs.close()
    ours.settimeout(30)
    host = Host(ours, process)
    setup = json.loads(ProcessPool().plan(embedded=False))["launch"]["setup"]
    setup |= {
        "worker": "test-1",
        "temp": str(tmp_path / "temporary"),
        "messages": ALLOWANCE | {"items": 3},
        "most": 1 << 20,
        "modules": ["__main__"],
        "main": {"name": None, "path": str(app)},
        "initializer": ["__main__", "initialise"],
    }
    host.send(SETUP, setup)
    assert host.next()[0] == b"R"
    yield host
    host.close()
    host.ended()
    if forked is not None:
        forked.close()


def test_a_call_is_validated_run_and_answered(host: Host) -> None:
    host.call("double", 21)
    assert host.next() == (b"J", {"id": 1}, b"42")
    host.call("double", "x", key=2)
    kind, head, _ = host.next()
    assert (kind, head["code"], head["details"]["started"]) == (b"E", "invalid-argument", False)


def test_the_app_is_imported_without_its_start_and_with_a_stand_in(host: Host) -> None:
    host.call("where")
    _, _, body = host.next()
    assert json.loads(body) == ["__mp_main__", "False", "1", ""]
    maps = Path(f"/proc/{host.pid}/maps")
    if maps.exists():
        assert "_native" not in maps.read_text()


@pytest.mark.parametrize("name", ["spin", "turn"])
def test_a_cancel_is_raised_at_once_in_pure_python(host: Host, name: str) -> None:
    host.call(name)
    assert host.next()[1]["done"] == 0
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == 1
    kind, head, _ = host.next()
    assert (kind, head["code"]) == (b"E", "aborted")


def test_a_cancel_reaches_only_the_call_that_it_names(host: Host) -> None:
    host.call("spin", key=7)
    assert host.next()[1]["done"] == 0
    host.send(CANCEL, {"id": 6})
    host.call("double", 1, key=8)
    host.send(CANCEL, {"id": 7})
    assert host.next()[1] == {"id": 7, "done": 1, "total": None, "message": None}
    assert host.next()[1]["code"] == "aborted"
    assert host.next() == (b"J", {"id": 8}, b"2")
    host.send(CANCEL, {"id": 8})
    host.call("double", 2, key=9)
    assert host.next() == (b"J", {"id": 9}, b"4")


def test_async_commands_run_and_are_cancelled_on_a_loop(host: Host) -> None:
    host.call("async_double", 4)
    assert host.next() == (b"J", {"id": 1}, b"8")
    host.call("async_hold", key=2)
    assert host.next()[1]["done"] == 0
    host.send(CANCEL, {"id": 2})
    assert host.next()[1]["done"] == 1
    assert host.next()[1]["code"] == "aborted"
    host.call("async_double", 5, key=3)
    assert host.next() == (b"J", {"id": 3}, b"10")


def test_a_stream_goes_as_far_as_its_credit_in_items(host: Host) -> None:
    host.call("sizes", [10, 20, 30, 40], items=2)
    assert [host.next()[::2] for _ in range(2)] == [(b"Y", bytes(10)), (b"Y", bytes(20))]
    assert host.next() == (b"W", {"id": 1, "size": 30}, b"")
    host.send(TAKEN, {"id": 1, "taken": 1})
    assert host.next() == (b"Y", {"id": 1}, bytes(30))
    assert host.next()[1]["size"] == 40
    host.send(TAKEN, {"id": 1, "taken": 3})
    assert host.next() == (b"Y", {"id": 1}, bytes(40))
    assert host.next() == (b"J", {"id": 1}, b"null")


def test_a_stream_goes_as_far_as_its_credit_in_bytes(host: Host) -> None:
    host.call("sizes", [60, 50, 500, 1], bytes=100)
    for taken, size in enumerate([60, 50, 500, 1]):
        if taken:
            # An item larger than the credit goes alone.
            assert host.next() == (b"W", {"id": 1, "size": size}, b"")
            host.send(TAKEN, {"id": 1, "taken": taken})
        assert host.next() == (b"Y", {"id": 1}, bytes(size))
    assert host.next() == (b"J", {"id": 1}, b"null")


@pytest.mark.parametrize("name", ["forever", "async_forever"])
def test_a_cancel_reaches_a_generator_that_waits_for_credit(host: Host, name: str) -> None:
    host.call(name, items=1)
    assert host.next() == (b"I", {"id": 1}, b"0")
    assert host.next()[0] == b"W"
    # A bell without credit: it asks again.
    host.send(TAKEN, {"id": 1, "taken": 0})
    assert host.next()[0] == b"W"
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == -1
    assert host.next()[1]["code"] == "aborted"
    host.call("double", 1, key=2)
    assert host.next() == (b"J", {"id": 2}, b"2")


@pytest.mark.parametrize("name", ["forever", "async_forever"])
def test_a_conflated_stream_never_waits(host: Host, name: str) -> None:
    host.call(name, items=1, conflate=True)
    for number in range(3000):
        assert host.next() == (b"I", {"id": 1}, b"%d" % number)
    host.send(CANCEL, {"id": 1})
    while (frame := host.next())[0] == b"I":
        pass
    assert frame[1]["done"] == -1
    assert host.next()[1]["code"] == "aborted"


CHANNEL = "__CHANNEL__:7"


@pytest.mark.parametrize("name", ["talk", "async_talk"])
def test_messages_go_as_far_as_their_credit(host: Host, name: str) -> None:
    host.call(name, [CHANNEL, 5])
    head = {"id": 1, "channel": 7}
    assert [host.next() for _ in range(3)] == [
        (b"M", head, b"0"),
        (b"N", head, b"1"),
        (b"M", head, b"2"),
    ]
    assert host.next() == (b"Q", {"id": 1}, b"")
    host.send(DELIVERED, {"id": 1, "taken": 0, "gone": False})
    assert host.next()[0] == b"Q"
    host.send(DELIVERED, {"id": 1, "taken": 3, "gone": False})
    assert [host.next()[2] for _ in range(2)] == [b"3", b"4"]
    host.next()
    assert host.next() == (b"J", {"id": 1}, b"null")


@pytest.mark.parametrize("name", ["talk", "async_talk"])
def test_a_cancel_reaches_a_command_that_waits_to_send(host: Host, name: str) -> None:
    host.call(name, [CHANNEL, 5])
    assert [host.next()[0] for _ in range(4)] == [b"M", b"N", b"M", b"Q"]
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == -1
    assert host.next()[1]["code"] == "aborted"


def test_a_channel_of_a_window_that_is_gone_raises(host: Host) -> None:
    host.call("talk", [CHANNEL, 5])
    assert [host.next()[0] for _ in range(4)] == [b"M", b"N", b"M", b"Q"]
    host.send(DELIVERED, {"id": 1, "taken": 0, "gone": True})
    host.next()
    assert host.next()[1]["message"] == "the window `main`, which made this call, is gone"


def test_a_channel_ends_with_its_call(host: Host) -> None:
    host.call("keep", CHANNEL)
    host.next()
    host.call("send_to_kept", key=2)
    assert "end with their call" in host.next()[1]["message"]


def test_what_is_no_channel_or_no_message_is_refused(host: Host) -> None:
    for text in ("7", "__CHANNEL__:", "__CHANNEL__:-1", "__CHANNEL__:4294967296", "__CHANNEL__:²"):
        host.call("keep", text)
        assert host.next()[1]["code"] == "invalid-argument"


def test_a_worker_with_an_open_task_ends_with_its_link(host: Host) -> None:
    host.call("async_hold")
    host.next()
    host.close()
    host.ended()


def test_a_cancelled_call_that_waits_never_starts(host: Host) -> None:
    host.call("spin", key=1)
    assert host.next()[1]["done"] == 0
    host.call("spin", key=2)
    host.send(CANCEL, {"id": 2})
    host.send(CANCEL, {"id": 1})
    host.next()
    assert (host.next()[1]["id"], host.next()[1]["details"]["started"]) == (1, False)


def test_a_shield_puts_the_cancel_off_to_its_end(host: Host) -> None:
    host.call("shielded")
    assert host.next()[1]["done"] == 0
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == 1
    assert host.next()[1]["code"] == "aborted"


def test_a_cancel_is_raised_once(host: Host) -> None:
    host.call("stubborn")
    host.next()
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == 1
    host.send(CANCEL, {"id": 1})
    assert host.next()[1]["done"] == 2
    assert host.next() == (b"J", {"id": 1}, b"null")


def test_a_worker_ends_with_its_link(host: Host) -> None:
    host.close()
    assert host.ended() == 0


def test_a_worker_that_runs_ends_with_its_link_too(host: Host) -> None:
    host.call("spin")
    host.next()
    host.close()
    host.ended()


def test_the_boot_file_by_itself_does_nothing() -> None:
    env = {name: value for name, value in os.environ.items() if name != MARK}
    done = subprocess.run([sys.executable, BOOT], capture_output=True, env=env, check=False)
    assert done.returncode == 1
    assert b"is started by a pool" in done.stderr
