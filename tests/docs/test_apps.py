"""Tests that the apps of the guide do what their pages say, without windows."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from pages import GUIDE, listings, write

import transom
from transom import Manager
from transom._bundle import project
from transom.async_tools import AsyncTools
from transom.testing import Emitted, InvokeError, TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("anyio_backend", ["asyncio"]),
]
AppOf = Callable[[str], ModuleType]


async def until(reached: Callable[[], object]) -> None:
    with anyio.fail_after(120):
        while not reached():  # noqa: ASYNC110 - nothing announces it
            await anyio.sleep(0.005)


async def test_the_first_app_counts_words(app_of: AppOf) -> None:
    async with TestApp(app_of("first-app.md").commands) as app:
        main = app.window("main")
        assert await main.invoke("count", "to be or not") == {"words": 4, "longest": "not"}
        assert await main.invoke("count", "") == {"words": 0, "longest": ""}
        with pytest.raises(InvokeError, match="invalid-argument"):
            await main.invoke("count", 7)


def test_a_module_keeps_what_it_has_made(app_of: AppOf, anyio_backend: str) -> None:
    del anyio_backend
    module = app_of("developing.md")
    module.keep({"thumbnails": {"a": b"1"}})
    assert module.thumbnails == {"a": b"1"}


async def test_commands_have_state_results_and_errors(
    app_of: AppOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = app_of("commands.md")
    async with TestApp(module.commands) as app:
        monkeypatch.setattr(Manager, "manage", lambda _, state: app.manage(state))
        module.setup(app.app_handle)
        main = app.window("main")
        assert await main.invoke("add_note", {"text": "Buy milk"}) == {"text": "Buy milk", "id": 1}
        with pytest.raises(InvokeError, match="invalid-argument"):
            await main.invoke("add_note", {"text": ""})
        with pytest.raises(InvokeError) as caught:
            await main.invoke("delete_note", 7)
        assert (caught.value.code, caught.value.message) == ("command-error", "There is no note 7.")
        assert len(await main.invoke("checksum", b"abc")) == 64


async def test_tables_arrays_and_plots_reach_a_page(app_of: AppOf) -> None:
    async with TestApp(app_of("data.md").commands) as app:
        main = app.window("main")
        rows = await main.invoke("table", {"rows": 2})
        assert [it["day"][:10] for it in rows] == ["2026-01-01", "2026-01-02"]
        waves = np.load(io.BytesIO(await main.invoke("waves", {"rows": 100})))
        assert (waves.dtype, waves.shape) == (np.dtype("float32"), (2, 100))
        assert "<svg" in await main.invoke("plot", {"rows": 20})
        points = [it async for it in main.stream("walk", {"rows": 50})]
        assert [it["x"] for it in points] == list(range(50))


async def test_long_calls_report_progress_and_stop(app_of: AppOf) -> None:
    module = app_of("progress-and-cancel.md")
    async with TestApp(module.commands) as app:
        main = app.window("main")
        told: list[Any] = []
        assert await main.invoke("count_primes", 100, on_progress=told.append) == 25
        assert (told[-1].done, told[-1].total) == (98, 98)
        for command, body in (("download", ["a"] * 1000), ("count_primes", 10**9)):
            begun = anyio.Event()
            call = main.start(command, body, on_progress=lambda _, it=begun: it.set())
            with anyio.fail_after(120):
                await begun.wait()
            call.cancel()
            with pytest.raises(InvokeError, match="aborted"):
                await call
            assert await call.released() == "cancelled"
        assert module.finished == ["download"]


async def test_streams_come_in_order_and_are_closed(app_of: AppOf) -> None:
    module = app_of("streams.md")
    async with TestApp(module.commands) as app:
        main = app.window("main")
        hits = [hit["text"] async for hit in main.stream("search", "class Hit")]
        assert hits == ["class Hit(BaseModel):"]
        async with main.stream("ticks", 0.001) as ticks:
            async for count in ticks:
                if count == 10:
                    break
        assert module.closed == ["ticks"]


async def test_workers_compute_and_keep_state(app_of: AppOf, tmp_path: Path) -> None:
    module = app_of("heavy-work.md")
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ada\n")
    async with TestApp(module.commands, executors=module.executors) as app:
        main = app.window("main")
        assert await main.invoke("count_primes", 1000) == 168
        assert await main.invoke("unknown_words", "to be or nat") == ["nat"]
        place = {"file": str(letter), "line": 0}
        assert await main.invoke("line_at", place) == "Dear Ada"
        letter.write_text("changed\n")
        assert await main.invoke("line_at", place) == "Dear Ada", "another worker has read it"
        begun = anyio.Event()
        call = main.start("count_primes", 10**9, on_progress=lambda _: begun.set())
        with anyio.fail_after(120):
            await begun.wait()
        call.cancel()
        assert await call.released() == "cancelled"


async def test_events_and_messages_arrive(app_of: AppOf, tmp_path: Path) -> None:
    module = app_of("events-and-channels.md")
    async with TestApp(module.commands, capabilities=tmp_path) as app:
        main = app.window("main")
        await main.invoke("save", "letter")
        assert app.emitted == [Emitted("saved", {"name": "letter"})]
        steps = main.channel()
        assert await main.invoke("build", {"name": "letter", "steps": steps}) == "letter"
        with anyio.fail_after(120):
            await steps.wait_for(lambda messages: len(messages) == 2)
        assert [it["text"] for it in steps.messages] == ["compile", "link"]


async def test_capability_files_decide(app_of: AppOf, tmp_path: Path) -> None:
    module = app_of("permissions.md")
    async with TestApp(module.commands, capabilities=tmp_path) as app:
        main, viewer = app.window("main"), app.window("viewer")
        assert await viewer.invoke("read_note", "letter") == "Dear Ada"
        assert app.emitted == [Emitted("read", {"name": "letter", "by": "viewer"}, "main")]
        with pytest.raises(InvokeError, match="permission-denied"):
            await viewer.invoke("delete_note", "letter")
        with pytest.raises(InvokeError, match="permission-denied"):
            await app.window("other").invoke("read_note", "letter")
        await main.invoke("delete_note", "letter")
        own = app.window("alone", allow=[{"command": "read_note"}])
        with pytest.raises(InvokeError, match="PermissionError"):
            await own.invoke("read_note", "letter")


async def test_an_app_with_typescript_finds_files(app_of: AppOf) -> None:
    async with TestApp(app_of("typescript.md").commands) as app:
        main = app.window("main")
        assert await main.invoke("count_files", {"text": "notes"}) == 5
        found = [it async for it in main.stream("find_files", {"text": "ab", "limit": 1})]
        assert found == [{"name": "ab 0", "size": None}]


async def test_jobs_outlive_their_page(app_of: AppOf) -> None:
    module = app_of("jobs.md")
    async with TestApp(module.commands) as app:
        main = app.window("main")
        begun = anyio.Event()
        main.start("export", "report.pdf", on_progress=lambda _: begun.set())
        with anyio.fail_after(120):
            await begun.wait()
        main.reload()
        (job,) = await main.jobs()
        # On a busy machine its three seconds may be over.
        assert (job.command, job.state in {"running", "finished"}) == ("export", True)
        assert await main.attach(job.id) == "report.pdf is exported"
        await main.invoke("save_draft", "Draft")
        assert module.drafts == ["Draft"]


async def test_an_app_of_pytauri_answers(app_of: AppOf) -> None:
    async with TestApp(app_of("from-pytauri.md").commands) as app:
        assert await app.window("main").invoke("greet", {"name": "Ada"}) == "Hello, Ada!"


async def check_state(app: TestApp) -> None:
    main = app.window("main")
    assert [await main.invoke("put", it) for it in "ba"] == [1, 2]
    assert await main.invoke("in_order") == ["a", "b"]
    waiting = main.start("wait_until_tidy")
    await main.invoke("tidy_later")
    assert await waiting == ["a", "b"]


def tick(number: int) -> dict[str, int]:
    return {"number": number}


async def test_each_feature_of_pytauri_works(app_of: AppOf) -> None:
    commands = app_of("pytauri-by-example.md").commands
    desk: Any = importlib.import_module("notes.desk")
    work: Any = importlib.import_module("notes.work")

    with start_blocking_portal("asyncio") as portal, AsyncTools(portal) as tools:
        async with TestApp(commands, portal=portal) as app:
            app.manage(work.Shelf())
            app.manage(tools)
            await check_state(app)
    async with TestApp(commands) as app:
        main = app.window("main")
        note = {"title": "to be", "words": 2}
        assert await main.invoke("count_words", {"title": "to be"}) == note
        assert await main.invoke("longest", [{"title": "a"}, note]) == note
        assert await main.invoke("longest", []) is None
        assert await main.invoke("total", {"a": 1, "b": 2}) == 3
        assert await main.invoke("reverse", b"123") == b"321"
        assert await main.invoke("reverse", b"123", headers={"x-keep": "1"}) == b"123"
        with pytest.raises(InvokeError, match="There is no note 'letter'"):
            await main.invoke("refuse", "letter")
        assert await main.invoke("scratch", "text") == 1
        assert await main.invoke("about") == "1.0"

        first, second = main.channel(), main.channel()
        await main.invoke("count", first)
        await main.invoke("follow", {"count": 1, "channel": second})
        await until(lambda: len(first.messages) == 1 and len(second.messages) == 3)
        assert first.messages + second.messages == [*map(tick, (1, 0)), "the end", b"\0\1"]
        await main.invoke("announce", 7)
        assert app.emitted == [Emitted("ticked", tick(7)), Emitted("ticked", tick(0), "main")]

        desk.add_menu(app.app_handle)
        await main.press("Ctrl+S")
        assert desk.chosen == ["save"]
        assert await main.invoke("show_tray_icon") == "notes"
        assert await main.invoke("open_note", "letter") is True
        assert await main.invoke("open_note", "letter") is False
        app.window("letter").close()
        await until(lambda: desk.closed == ["letter"])
        app.dialogs.answer(True)
        assert await main.invoke("delete_all") is True
        assert [it["body"] for it in app.notifications] == ["All notes are deleted."]


@pytest.mark.parametrize(
    ("of_app", "tests", "passed"),
    [("commands.md", "test_notes.py", "3 passed"), ("windows.md", "test_editors.py", "2 passed")],
)
def test_the_tests_of_the_testing_page_pass(
    tmp_path: Path, anyio_backend: str, of_app: str, tests: str, passed: str
) -> None:
    write(GUIDE / of_app, tmp_path)
    (listing,) = (it for it in listings(GUIDE / "testing.md") if it.title == tests)
    (tmp_path / tests).write_text(listing.text)
    # The package that is tested here may be another one than the environment has installed.
    own = Path(transom.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [tmp_path, own]))},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert passed in done.stdout, done.stdout + done.stderr


async def test_a_build_has_the_keys_that_are_shown(tmp_path: Path) -> None:
    (shown,) = [it for it in listings(GUIDE / "shipping.md") if it.language == "toml"]
    assert set(tomllib.loads(shown.text)["tool"]["transom"]["build"]) == project.KEYS - {"app"}
    (tmp_path / "pyproject.toml").write_text(shown.text)
    (tmp_path / "app.py").write_text("")
    (tmp_path / "Tauri.toml").write_text('identifier = "com.example.words"\n')
    assert project.read(tmp_path).exclude == ["notes", "*.psd"]


async def test_an_app_installs_a_newer_version(
    app_of: AppOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server, and the files that are replaced, are in `tests/unit/tools/updates`."""
    module = app_of("updates.md")
    did: list[object] = []

    class Update:
        version, notes = "1.1.0", "A button."

        async def download(self, on_progress: Callable[[int, int], object]) -> str:
            on_progress(3, 4)
            return "file"

        async def install(self, file: str) -> str:
            return f"installed {file}"

    async def check(app_handle: object) -> Update | None:
        if did == ["fail"]:
            raise module.updates.UpdateError("no server answers")
        return Update()

    monkeypatch.setattr(module.updates, "check", check)
    monkeypatch.setattr(module.updates, "restart", lambda _, installed: did.append(installed))
    async with TestApp(module.commands) as app:
        main = app.window("main")
        assert await main.invoke("look") == {"version": "1.1.0", "notes": "A button."}
        told: list[Any] = []
        await main.invoke("install", on_progress=told.append)
        assert did == ["installed file"]
        assert (told[-1].done, told[-1].total) == (3, 4)
        did[:] = ["fail"]
        for command in ("look", "install"):
            with pytest.raises(InvokeError, match="no server answers"):
                await main.invoke(command)
