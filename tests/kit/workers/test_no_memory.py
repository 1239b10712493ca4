"""Tests that a worker without memory for a call says so, and costs no other call anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from transom import Commands, Limits, ProcessPool
from transom.testing import InvokeError, TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to such a limit"),
]

LARGE = 96 << 20  # more than an arena of malloc reserves


def limit() -> None:
    """Leaves this process a third of what a large body needs."""
    import resource  # noqa: PLC0415

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + LARGE // 3
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def size(body: bytes) -> int:
    return len(body)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "over the link"])
async def test_a_body_for_which_a_worker_has_no_memory_is_refused(
    commands: Commands,
    shared: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not shared:
        monkeypatch.setattr("transom._executors.process.share_from", lambda: None)
    commands.command(executor="process")(size)
    limits = Limits(max_body=2 * LARGE, queued_bytes=4 * LARGE)
    pool = ProcessPool(workers=1, initializer=limit)
    async with TestApp(commands, limits=limits, executors={"process": pool}) as app:
        main = app.window()
        assert await main.invoke("size", b"small") == 5
        with pytest.raises(InvokeError, match=f"no memory for a body of {LARGE} bytes") as caught:
            await main.invoke("size", bytes(LARGE))
        assert caught.value.code == "overloaded"
        assert caught.value.details["scope"] == "memory"
        assert caught.value.details["started"] is False
        assert await main.invoke("size", b"small") == 5
    assert [it.levelname for it in caplog.records if "no memory" in it.message] == ["WARNING"]
