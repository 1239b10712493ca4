"""Tests that calls with `on_close="detach"` outlive their page, and can be found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import App, Page, PageError, StartApp

from transom.testing.webdriver import wait_for

ATTACH = """
const [id] = args;
const seen = [];
const call = transom.pyAttach(id, {onProgress: (p) => seen.push([p.done, p.total, p.message])});
return [await call, await call.released, seen];
"""


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def app(start_shared: StartApp, request: pytest.FixtureRequest) -> App:
    capabilities = {
        "main": capability("main", ["main"], "transom:default"),
        "own": capability("own", ["own*"], allow_call({"command": "*"})),
        "some": capability("some", ["some*"], allow_call({"command": "save_*"}, {"window": "*"})),
    }
    return start_shared("lifecycle", env={"BACKEND": request.param}, capabilities=capabilities)


def capability(name: str, windows: list[str], permission: Any) -> dict[str, Any]:
    permissions = ["core:default", permission]
    return {"identifier": name, "windows": windows, "permissions": permissions}


def allow_call(*entries: dict[str, str]) -> dict[str, Any]:
    return {"identifier": "transom:allow-call", "allow": list(entries)}


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


@pytest.fixture
def window(app: App) -> Iterator[Callable[[str], Page]]:
    """Opens windows that are gone after the test."""
    opened: list[str] = []

    def open_window(label: str) -> Page:
        app.page().invoke("open_window", label)
        opened.append(label)
        return app.page(label)

    yield open_window
    for label in opened:
        app.page().invoke("destroy_window", label)
        app.wait_gone(label)


def jobs(page: Page) -> list[dict[str, Any]]:
    return page.run("return await transom.pyJobs()")


def state_of(page: Page, job: int) -> str | None:
    return next((it["state"] for it in jobs(page) if it["id"] == job), None)


def detach(page: Page, name: str) -> int:
    """Starts a `save`, and reloads the page under it; the id of the job."""
    page.run("window.save = transom.pyInvoke('save', args[0]); window.save.catch(() => {});", name)
    wait_for(lambda: f"{name} saving" in page.invoke("journal"), what="the save")
    before = {job["id"] for job in jobs(page)}
    page.reload()
    (job,) = (job["id"] for job in jobs(page) if job["id"] not in before)
    return job


def finish(app: App, name: str) -> None:
    """Lets the save of that name end."""
    (app.folder / name).touch()


def test_a_job_is_found_and_attached_to_by_a_later_page(app: App, page: Page) -> None:
    job = detach(page, "found")
    (listed,) = [it for it in jobs(page) if it["id"] == job]
    assert listed | {"startedAt": 0} == {
        "id": job,
        "command": "save",
        "window": "main",
        "state": "running",
        "progress": {"done": 1, "total": 2, "message": "found"},
        "startedAt": 0,
    }
    age = page.run("return Date.now() - args[0]", listed["startedAt"])
    assert 0 <= age < 120_000
    source = "window.attached = (async (args) => {" + ATTACH + "})(args);"
    page.run(source, job)
    finish(app, "found")
    progress = [[1, 2, "found"], [2, 2, "found"]]
    assert page.run("return await window.attached") == ["found saved", "finished", progress]
    assert state_of(page, job) == "finished"
    result, how, _ = page.run(ATTACH, job)
    assert (result, how) == ("found saved", "finished"), "also when it has ended before"


def test_the_old_pages_promise_ends_with_window_closed(app: App, window: Any) -> None:
    page = window("own-1")
    page.run(
        """
        const call = transom.pyInvoke("save", "left");
        call.catch((e) => localStorage.setItem("left", e.code));
        """
    )
    main = app.page()
    wait_for(lambda: "left saving" in main.invoke("journal"), what="the save")
    main.invoke("destroy_window", "own-1")
    app.wait_gone("own-1")
    (job,) = wait_for(
        lambda: [it for it in jobs(main) if it["window"] == "own-1"], what="the job of the window"
    )
    host = main.invoke("gauges")
    counted = host["windows"]["own-1"]
    assert (counted["live"], counted["jobs"]) == (0, 1), (
        "a closed window's job counts for its label"
    )
    finish(app, "left")
    assert main.run(ATTACH, job["id"])[0] == "left saved"
    wait_for(lambda: "own-1" not in main.invoke("gauges")["windows"], what="nothing of it")


def test_two_pages_may_attach_and_a_failure_is_the_jobs_own(
    app: App, page: Page, window: Any
) -> None:
    job = detach(page, "bad")
    own = page.run("window.a = transom.pyAttach(args[0]).catch((e) => e); return 0", job)
    assert own == 0
    other = page.run("window.b = transom.pyAttach(args[0]).catch((e) => e); return 0", job)
    assert other == 0
    finish(app, "bad")
    for name in "ab":
        error = page.run(f"return await window.{name}")
        assert isinstance(error, PageError)
        assert (error.code, error.message, error.command) == ("command-error", "no room", "save")
    assert state_of(page, job) == "failed"


def test_abort_of_an_attached_call_cancels_the_job(page: Page) -> None:
    job = detach(page, "aborted")
    reason, how = page.run(
        """
        const controller = new AbortController();
        const {signal} = controller;
        let call;
        await new Promise((heard) => {
          call = transom.pyAttach(args[0], {signal, onProgress: heard});
          call.catch(() => {});
        });
        controller.abort("enough");
        return [await call.catch((e) => e), await call.released];
        """,
        job,
    )
    assert (reason, how) == ("enough", "cancelled")
    assert "aborted ends" in page.invoke("journal")
    assert state_of(page, job) == "cancelled"


def test_python_lists_and_cancels_jobs(page: Page) -> None:
    job = detach(page, "python")
    (call,) = [call for call in page.invoke("calls") if call["id"] == job]
    assert call == {"id": job, "command": "save", "window": "main", "detached": True}
    assert page.invoke("cancel", job)
    wait_for(lambda: state_of(page, job) == "cancelled", what="the end of the job")
    wait_for(lambda: "python ends" in page.invoke("journal"), what="the end of the work")
    with pytest.raises(PageError) as caught:
        page.run(ATTACH, job)
    assert caught.value.code == "aborted"


def test_saving_in_pagehide_is_done(page: Page) -> None:
    for turn in range(5):
        page.invoke("journal")
        page.run(
            "addEventListener('pagehide', () => { transom.pyInvoke('save', args[0]); })",
            f"now {turn}",
        )
        page.reload()
        wait_for(lambda turn=turn: f"now {turn} ends" in page.invoke("journal"), what="the save")
    assert page.invoke("journal").count("now 0 saving") == 1


def test_jobs_are_seen_by_their_label_and_by_who_reaches_it_for_their_commands(
    app: App, page: Page, window: Any
) -> None:
    job = detach(page, "seen")
    own, some = window("own-2"), window("some-1")
    assert job not in [it["id"] for it in jobs(own)], "another label's, and no reach"
    assert job not in [it["id"] for it in jobs(some)], "a command that it may not call"
    for other in own, some:
        with pytest.raises(PageError) as caught:
            other.run(ATTACH, job)
        assert caught.value.code == "invalid-argument"
        assert caught.value.details["started"] is False
    finish(app, "seen")
    assert page.run(ATTACH, job)[0] == "seen saved"


def test_bytes_come_back_as_bytes(app: App, page: Page) -> None:
    before = {job["id"] for job in jobs(page)}
    page.run("window.save = transom.pyInvoke('save_bytes', 3); window.save.catch(() => {});")
    wait_for(lambda: any(c["command"] == "save_bytes" for c in page.invoke("calls")))
    page.reload()
    (job,) = (job["id"] for job in jobs(page) if job["id"] not in before)
    finish(app, "3 bytes")
    assert page.run(ATTACH, job)[0] == bytes(3)


def test_a_job_counts_against_its_labels_limit(app: App, page: Page) -> None:
    names = [f"many-{i}" for i in range(4)]
    ids = [detach(page, name) for name in names]
    gauges = page.invoke("gauges")
    assert gauges["windows"]["main"]["jobs"] == 4
    assert gauges["commands"]["save"]["granted"] == 4
    for name in names:
        finish(app, name)
    for job in ids:
        assert page.run(ATTACH, job)[1] == "finished"
    # The answer comes first: what a job held is given back a moment later.
    wait_for(lambda: page.invoke("gauges")["windows"]["main"]["jobs"] == 0, what="no job")
