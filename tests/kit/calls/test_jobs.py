"""Tests `window.jobs` and `window.attach`: calls that outlive their page, without a display."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import anyio
import pytest

from transom import CallContext, Commands, Progress
from transom.testing import InvokeError, Job, TestApp, TestWindow

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


class Save:
    """The command `save`, which ends when it is `done`."""

    def __init__(self, commands: Commands) -> None:
        self.done = False

        @commands.command(on_close="detach")
        async def save(body: str, ctx: CallContext) -> str:
            ctx.progress(1, 2, body)
            while not self.done:  # noqa: ASYNC110 - told by the loop of the test
                await anyio.sleep(0.005)
            ctx.progress(2, 2, body)
            if body == "bad":
                raise ValueError(body)
            return f"{body} saved"


@pytest.fixture
def save(commands: Commands) -> Save:
    return Save(commands)


async def left(main: TestWindow, body: str, app: TestApp, wait_for: WaitFor) -> Job:
    """A `save` whose page was reloaded under it."""
    call = main.start("save", body)
    await wait_for(lambda: [call.progress for call in app.calls()] == [(1, 2, body)])
    main.reload()
    with pytest.raises(InvokeError, match="window-closed"):
        await call
    (job,) = await main.jobs()
    return job


@pytest.mark.parametrize("end", ["reload", "close"])
async def test_a_job_outlives_its_page_and_gives_a_later_one_its_result(
    commands: Commands, save: Save, wait_for: WaitFor, end: str
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.jobs() == []
        call = main.start("save", "report")
        await wait_for(lambda: [call.progress for call in app.calls()] == [(1, 2, "report")])
        getattr(main, end)()
        with pytest.raises(InvokeError, match="window-closed"):
            await call
        if end == "close":
            main = app.window("main")
        (job,) = await main.jobs()
        assert (job.command, job.window, job.state) == ("save", "main", "running")
        assert job.progress == Progress(1, 2, "report")
        assert 0 <= time.time() - job.started_at < 120
        told = list[Progress]()
        attached = main.attach(job.id, on_progress=told.append)
        await wait_for(lambda: told)
        save.done = True
        assert await attached == "report saved"
        assert told == [(1, 2, "report"), (2, 2, "report")]
        assert [job.state for job in await main.jobs()] == ["finished"]
        assert await main.attach(job.id) == "report saved"


async def test_a_job_whose_code_has_not_begun_is_queued(
    commands: Commands, wait_for: WaitFor
) -> None:
    go = anyio.Event()

    @commands.command(on_close="detach", concurrency=1)
    async def save(body: str, ctx: CallContext) -> str:
        ctx.progress(1)
        while not go.is_set():  # noqa: ASYNC110 - told by the loop of the test
            await anyio.sleep(0.005)
        return body

    async with TestApp(commands) as app:
        main = app.window("main")
        for name in ("first", "second"):
            main.start("save", name)
        await wait_for(lambda: [call.state for call in app.calls()] == ["running", "queued"])
        main.reload()
        assert [job.state for job in await main.jobs()] == ["running", "queued"]
        go.set()
        _, second = await main.jobs()
        assert await main.attach(second.id) == "second"
        assert [job.state for job in await main.jobs()] == ["finished", "finished"]


async def test_the_error_of_a_job_is_the_attached_calls(
    commands: Commands, save: Save, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        job = await left(main, "bad", app, wait_for)
        save.done = True
        with pytest.raises(InvokeError) as caught:
            await main.attach(job.id)
        assert (caught.value.code, caught.value.message) == ("command-error", "ValueError('bad')")
        assert [job.state for job in await main.jobs()] == ["failed"]


async def test_cancelling_what_is_attached_cancels_the_job(
    commands: Commands, save: Save, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        job = await left(main, "report", app, wait_for)
        attached = main.attach(job.id)
        attached.cancel()
        with pytest.raises(InvokeError, match="aborted"):
            await attached
        await wait_for(lambda: not app.calls())
        assert [job.state for job in await main.jobs()] == ["cancelled"]


async def test_a_window_sees_the_jobs_that_it_may_call(
    commands: Commands, save: Save, wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        job = await left(main, "report", app, wait_for)
        viewer = app.window("viewer", allow=[{"command": "load"}, {"window": "*"}])
        assert await viewer.jobs() == []
        with pytest.raises(InvokeError):
            await viewer.attach(job.id)
        save.done = True
        assert await main.attach(job.id) == "report saved"
