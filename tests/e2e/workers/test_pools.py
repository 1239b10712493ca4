"""Tests which worker of a pool gets which call, and in which order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import App, Page, StartApp
from patience import tried_again

from transom.testing.webdriver import wait_for

WINDOWS = [{"label": label, "url": "index.html"} for label in ("main", "other")]


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("pools", config={"app": {"windows": WINDOWS}})


@pytest.fixture
def page(app: App) -> Iterator[Page]:
    (app.folder / "journal.txt").unlink(missing_ok=True)
    page = app.page()
    yield page
    wait_for(lambda: page.invoke("running") == [], what="the end of all calls")


@pytest.fixture
def other(app: App) -> Page:
    return app.page("other")


# Turns.


@tried_again
def test_a_window_that_floods_a_pool_starves_no_other(app: App, page: Page, other: Page) -> None:
    (app.folder / "journal.txt").unlink(missing_ok=True)
    other.run("window.flood = [...Array(50)].map(() => transom.pyInvoke('in_turn', 0.06))")
    wait_for(lambda: "other" in page.invoke("journal"), what="the flood")
    page.run("await Promise.all([...Array(5)].map(() => transom.pyInvoke('in_turn', 0)))")
    turns = page.invoke("journal")
    first, last = turns.index("main"), len(turns) - 1 - turns[::-1].index("main")
    between = "".join(turn[0] for turn in turns[first : last + 1])
    assert other.run("return (await Promise.all(window.flood)).length") == 50
    assert "ooo" not in between, f"main waited for more than a round: {turns}"


def test_a_call_that_waits_for_a_worker_and_is_aborted_never_runs(app: App, page: Page) -> None:
    error, released = page.run(
        """
        window.busy = transom.pyInvoke("in_turn_until", "aborted");
        const controller = new AbortController();
        const call = transom.pyInvoke("in_turn", 0, {signal: controller.signal});
        await transom.pyInvoke("running");
        controller.abort();
        return [await call.catch((e) => e.name), await call.released];
        """
    )
    assert (error, released) == ("AbortError", "cancelled")
    (app.folder / "aborted").touch()
    page.run("await window.busy")
    assert page.invoke("journal") == ["main"]


# Affinity.


def edit(page: Page, doc: str, seconds: float = 0.0) -> tuple[int, int]:
    pid, seen = page.invoke("edit", {"doc": doc, "seconds": seconds})
    return pid, seen


def test_calls_about_one_document_go_to_one_worker(page: Page) -> None:
    edits = page.run(
        """
        const docs = [...Array(24)].map((_, i) => "abc"[i % 3]);
        const calls = docs.map((doc) => transom.pyInvoke("edit", {doc, seconds: 0.01}));
        return (await Promise.all(calls)).map((it, i) => [docs[i], ...it]);
        """
    )
    for doc in "abc":
        of = [(pid, seen) for name, pid, seen in edits if name == doc]
        assert len({pid for pid, _ in of}) == 1, f"{doc} was with several workers"
        assert [seen for _, seen in of] == list(range(1, 9)), "in order"


def test_a_call_waits_for_its_worker_and_others_go_on(app: App, page: Page) -> None:
    owner, seen = edit(page, "long")
    page.run("window.long = transom.pyInvoke('edit', {doc: 'long', until: 'long enough'})")
    wait_for(lambda: page.invoke("journal").count("long started") == 2, what="the long edit")
    page.run("window.next = transom.pyInvoke('edit', {doc: 'long', seconds: 0})")
    assert page.invoke("anywhere") != owner
    assert page.invoke("journal").count("long started") == 2, "the next one waits"
    (app.folder / "long enough").touch()
    assert page.run("return await window.next") == [owner, seen + 2]
    page.run("await window.long")


def test_a_document_whose_worker_died_goes_to_another_one(page: Page) -> None:
    owner, _ = edit(page, "fragile")
    assert page.failure("crash", {"doc": "fragile"}).code == "worker-lost"
    assert f"fragile crashed in {owner}" in page.invoke("journal")
    heir, seen = edit(page, "fragile")
    assert heir != owner
    assert seen == 1
    assert edit(page, "fragile") == (heir, 2)


def test_an_affinity_needs_a_body_that_is_json(page: Page) -> None:
    error = page.failure("edit", b"\xff")
    assert (error.code, error.details["started"]) == ("invalid-argument", False)


# Sharing.


def started(page: Page, count: int) -> None:
    def fetching() -> bool:
        journal: list[str] = page.invoke("journal")
        return sum(line.startswith("fetch in") for line in journal) == count

    wait_for(fetching, what=f"{count} calls that run")


def test_shared_calls_wait_beside_each_other_in_one_worker(page: Page) -> None:
    results = page.run(
        """
        const calls = [...Array(20)].map(() => transom.pyInvoke("fetch", {together: 20}));
        return await Promise.all(calls);
        """
    )
    pids = {pid for pid, _ in results}
    assert len(pids) == 1
    assert max(most for _, most in results) == 20
    assert page.invoke("host_pid") not in pids


def test_a_call_that_wants_a_worker_alone_gets_another_one(page: Page) -> None:
    page.run(
        """
        window.stop = new AbortController();
        transom.pyInvoke("fetch", {seconds: 60}, {signal: window.stop.signal}).catch(() => 0);
        """
    )
    started(page, 1)
    alone = page.invoke("compute")
    assert page.invoke("journal") != [f"fetch in {alone}"]
    page.run("window.stop.abort()")


def test_an_abort_stops_one_of_the_calls_that_share_a_worker(page: Page) -> None:
    page.run(
        """
        window.stop = new AbortController();
        window.stopped = transom.pyInvoke("fetch", {seconds: 30}, {signal: window.stop.signal});
        window.stopped.catch(() => 0);
        window.others = [0, 1, 2].map(() => transom.pyInvoke("fetch", {seconds: 1}));
        """
    )
    started(page, 4)
    assert page.run(
        """
        window.stop.abort();
        return [await window.stopped.catch((e) => e.name), await window.stopped.released];
        """
    ) == ["AbortError", "cancelled"]
    assert "fetch stopped" in page.invoke("journal")
    results = page.run("return await Promise.all(window.others)")
    assert len({pid for pid, _ in results}) == 1, "none of the others was touched"


def test_a_shared_call_that_does_not_stop_is_killed_when_the_others_have_ended(page: Page) -> None:
    page.run(
        """
        window.stop = new AbortController();
        const options = {signal: window.stop.signal};
        window.stuck = transom.pyInvoke("fetch", {seconds: 60, stubborn: true}, options);
        window.stuck.catch(() => 0);
        window.other = transom.pyInvoke("fetch", {seconds: 1.5});
        """
    )
    started(page, 2)
    page.run("window.stop.abort()")

    def elsewhere() -> bool:
        pid, _ = page.invoke("fetch", {})
        return all(f"fetch in {pid}" != line for line in page.invoke("journal")[:2])

    wait_for(elsewhere, what="a worker for new calls, beside the one with the stuck call")
    pid, _ = page.run("return await window.other")
    assert page.invoke("journal")[:2] == [f"fetch in {pid}"] * 2, "it ended in the same worker"
    assert page.run("return await window.stuck.released") == "killed"
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), what="the end of the worker")


def test_the_death_of_a_shared_worker_ends_each_of_its_calls(page: Page) -> None:
    page.run(
        "window.lost = [0, 1, 2].map(() => transom.pyInvoke('fetch', {seconds: 30}).catch(e => e))"
    )
    started(page, 3)
    pid = int(page.invoke("journal")[0].removeprefix("fetch in "))
    os.kill(pid, signal.SIGKILL)
    codes = page.run("return (await Promise.all(window.lost)).map((e) => e.code)")
    assert codes == ["worker-lost"] * 3
    assert page.invoke("fetch", {})[0] != pid


def test_streams_share_a_worker_and_keep_their_order(page: Page) -> None:
    page.run("window.shared = transom.pyInvoke('fetch', {seconds: 1})")
    streams = page.run(
        """
        const read = async () => {
            const items = [];
            for await (const item of transom.pyStream("count", 2000)) items.push(item);
            return items.length === 2000 && items.every((item, i) => item === i);
        };
        return await Promise.all([read(), read(), read()]);
        """
    )
    assert streams == [True, True, True]
    page.run("await window.shared")
