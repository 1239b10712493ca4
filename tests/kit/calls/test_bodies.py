"""Tests bodies of all sizes to and from commands, above all those of worker processes."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from carrying import EXECUTORS, commands

from transom import Limits, ProcessPool
from transom._executors import process
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]

SHARED = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no memory to share")
SHARE_FROM = 256 * 1024
SIZES = [1, SHARE_FROM - 1, SHARE_FROM, SHARE_FROM + 1, 5_000_000]


@pytest.fixture(autouse=True)
def threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than the real one, so that the bodies of these tests are small."""
    monkeypatch.setattr(process, "SHARE_FROM", SHARE_FROM)


def app(*, warm: int = 0, limits: Limits | None = None) -> TestApp:
    executors = {"process": ProcessPool(workers=1, warm=warm)}
    return TestApp(commands, executors=executors, limits=limits or Limits())


def body_of(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("share", [pytest.param(True, marks=SHARED), False])
async def test_bodies_cross_whatever_their_size(
    share: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not share:
        monkeypatch.setattr(process, "share_from", lambda: None)
    async with app() as running:
        main = running.window("main")
        for size in SIZES:
            body = body_of(size)
            assert await main.invoke("echo_bytes", body) == body
            assert await main.invoke("echo_view", body) == body
            text = "ä" + "x" * size
            assert await main.invoke("echo_text", text) == text


async def test_a_command_may_ask_for_a_view_that_nobody_can_write() -> None:
    async with app() as running:
        main = running.window("main")
        for size in SIZES:
            body = body_of(size)
            there = "mmap" if size >= SHARE_FROM and hasattr(os, "memfd_create") else "bytearray"
            digest = hashlib.sha256(body).hexdigest()
            for name, kind in [("async", "bytes"), ("thread", "bytes"), ("process", there)]:
                got = await main.invoke(f"see_{name}", body)
                assert got == [kind, True, digest]


@SHARED
async def test_no_descriptor_stays_behind(wait_for: WaitFor) -> None:
    body = body_of(SHARE_FROM * 2)
    async with app() as running:
        main = running.window("main")
        await main.invoke("echo_view", body)
        there, here = await main.invoke("descriptors"), descriptors()
        for name in ["echo_view", "echo_bytes", "see_process"] * 10:
            await main.invoke(name, body)
        assert await main.invoke("descriptors") == there
        # What the last body was in goes a moment after the answer, now as when it was counted.
        await wait_for(lambda: descriptors() <= here)


@SHARED
async def test_a_body_that_its_worker_never_took_leaves_none_either(wait_for: WaitFor) -> None:
    body = body_of(SHARE_FROM * 2)
    async with app() as running:
        main = running.window("main")
        before = descriptors()
        for _ in range(3):
            async with anyio.create_task_group() as tasks:

                async def lose() -> None:
                    with pytest.raises(InvokeError):
                        await main.invoke("forge", "pipe")

                tasks.start_soon(lose)
                # It waits for the next worker, behind the one that ends.
                await main.invoke("echo_bytes", body)
        await main.invoke("descriptors")
        # Six of a worker, three of the zygote.
        await wait_for(lambda: descriptors() <= before + 9)
    await wait_for(lambda: descriptors() <= before)


@SHARED
@pytest.mark.parametrize("what", ["short", "pipe", "unsealed", "file", "none"])
async def test_a_worker_that_shares_what_is_no_body_is_ended(what: str) -> None:
    async with app() as running:
        main = running.window("main")
        with pytest.raises(InvokeError, match=r"died during the call: a body ") as caught:
            await main.invoke("forge", what)
        assert caught.value.code == "worker-lost"
        assert await main.invoke("echo_bytes", b"abc") == b"abc"


@pytest.mark.parametrize("share", [pytest.param(True, marks=SHARED), False])
async def test_a_result_over_the_limit_is_refused_either_way(
    share: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not share:
        monkeypatch.setattr(process, "share_from", lambda: None)
    async with app(limits=Limits(result_bytes=SHARE_FROM)) as running:
        main = running.window("main")
        with pytest.raises(InvokeError) as caught:
            await main.invoke("echo_bytes", body_of(SHARE_FROM + 1))
        assert caught.value.code == "payload-too-large"


# What is bytes, and what only looks like it.


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    return request.param


async def test_bytes_go_as_bytes_whatever_they_are_called(executor: str) -> None:
    async with app() as running:
        main = running.window("main")
        for name in ("maybe", "blob", "own"):
            assert await main.invoke(f"{name}_{executor}", b"\x00ab\xff") == b"\xffba\x00"
        assert await main.invoke(f"maybe_{executor}", None) is None
        assert await main.invoke(f"maybe_{executor}", bytearray(b"ab")) == b"ba"
        assert await main.invoke(f"blob_{executor}", array("B", b"ab")) == b"ba"


async def test_buffers_of_numbers_go_as_they_lie_in_memory(executor: str) -> None:
    async with app() as running:
        main = running.window("main")
        assert await main.invoke(f"numbers_{executor}") == array("d", [1.5, -2]).tobytes()
        async with main.stream(f"views_{executor}", 3) as items:
            assert [it async for it in items] == [array("d", [i]).tobytes() for i in range(3)]


async def test_a_buffer_of_objects_does_not_go(executor: str) -> None:
    async with app() as running:
        with pytest.raises(InvokeError, match="no plain numbers") as caught:
            await running.window("main").invoke(f"addresses_{executor}")
        assert caught.value.code == "result-not-serializable"


async def test_a_result_is_what_its_command_declares(executor: str) -> None:
    async with app() as running:
        main = running.window("main")
        assert await main.invoke(f"declared_{executor}") == {"name": "Ada"}
        assert await main.invoke(f"quoted_{executor}") == [{"name": "Ada"}]
        with pytest.raises(InvokeError, match="Field required") as caught:
            await main.invoke(f"unchecked_{executor}")
        assert caught.value.code == "result-not-serializable"
