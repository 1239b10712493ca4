"""Bodies of any size to and from commands, above all of worker processes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from carrying import commands

from transom import Limits, ProcessPool, _process
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]

SHARED = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no memory to share")
SHARE_FROM = 256 * 1024
SIZES = [1, SHARE_FROM - 1, SHARE_FROM, SHARE_FROM + 1, 5_000_000]


@pytest.fixture(autouse=True)
def threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than the real one, so that the bodies of these tests are small."""
    monkeypatch.setattr(_process, "SHARE_FROM", SHARE_FROM)


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
        monkeypatch.setattr(_process, "share_from", lambda: None)
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
        monkeypatch.setattr(_process, "share_from", lambda: None)
    async with app(limits=Limits(result_bytes=SHARE_FROM)) as running:
        main = running.window("main")
        with pytest.raises(InvokeError) as caught:
            await main.invoke("echo_bytes", body_of(SHARE_FROM + 1))
        assert caught.value.code == "payload-too-large"
